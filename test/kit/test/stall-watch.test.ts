import { expect, test } from '@jest/globals';
import { StallWatch } from '../src/index.js';

/** A watch over clocks that a test moves; it looks when the test says so. */
function watchOver(clocks: { now: number; computed: number }, stalls: number[] = []): StallWatch {
  const told = (ms: number): void => void stalls.push(ms);
  return new StallWatch(told, { now: () => clocks.now, computed: () => clocks.computed });
}

test('a look that comes late, while nothing was computed, is a stall', () => {
  const clocks = { now: 1000, computed: 10 };
  const stalls: number[] = [];
  using watch = watchOver(clocks, stalls);
  clocks.now += 60;
  expect(watch.look()).toBe(0);
  clocks.now += 50 + 500;
  clocks.computed += 20;
  expect(watch.look()).toBe(480);
  clocks.now += 50 + 300;
  expect(watch.look()).toBe(480 + 300);
  clocks.now += 50 + 150;
  expect(watch.look()).toBe(480 + 300);
  expect(stalls).toEqual([480, 300]);
});

test('a look that comes late, because the process computed all the time, is none', () => {
  const clocks = { now: 1000, computed: 10 };
  using watch = watchOver(clocks);
  clocks.now += 50 + 900;
  clocks.computed += 800;
  expect(watch.look()).toBe(0);
});
