import { expect, test } from '@jest/globals';
import { proposals } from '../../src/time/runtime.js';

/** In microseconds. */
const HOUR = 3_600_000_000;

function proposing() {
  const clock = { ms: 1_700_000_000_000 };
  return { clock, micros: clock.ms * 1000, propose: proposals(() => clock.ms) };
}

test('proposals are the wall clock in microseconds, and grow on if there are more than fit a ms', () => {
  const { clock, micros, propose } = proposing();
  const all = Array.from({ length: 1500 }, propose);
  clock.ms += 1;
  all.push(propose());
  expect(all).toEqual(Array.from({ length: 1501 }, (_, index) => micros + index));
  clock.ms += 1;
  expect(propose()).toBe(micros + 2000);
});

test('proposals follow a clock that is set back, and repeat none', () => {
  const { clock, micros, propose } = proposing();
  const before = [propose(), propose()];
  clock.ms -= HOUR / 1000;
  const after = [propose(), propose()];
  clock.ms += 1;
  after.push(propose());
  expect(after).toEqual([0, 1, 1000].map((more) => micros - HOUR + more));
  expect(before).not.toEqual(expect.arrayContaining(after));
});
