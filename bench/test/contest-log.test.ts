import { expect, test } from '@jest/globals';
import { ContestLog } from '../src/contest/contest-log.js';
import type { Turn } from '../src/contest/turn.js';

function turn(wanted: number, granted: number | null, released: number | null): Turn {
  return { wanted, granted, released };
}

test('two holders at once are an error', () => {
  expect(() => new ContestLog([[turn(0, 1, 5)], [turn(0, 4, 8)]], 0, 10)).toThrow('Held twice');
});

test('a hold whose end is not known is not taken for an endless one', () => {
  const log = new ContestLog([[turn(0, 1, null)], [turn(0, 4, 8)]], 0, 10);
  expect(log.holds).toHaveLength(2);
});

test('hand-overs are counted in the time that counts, and by whether the process changes', () => {
  const first = [turn(0, 1, 5), turn(0, 6, 10), turn(10, 25, 29)];
  const log = new ContestLog([first, [turn(0, 13, 20)]], 6, 40);
  expect(log.holds).toHaveLength(3);
  expect(log.handOffs('all')).toEqual([1, 3, 5]);
  expect(log.handOffs('between processes')).toEqual([3, 5]);
  expect(log.shares).toEqual([2 / 3, 4 / 3]);
});

test('the time from the last release to the end counts as one without holder', () => {
  const log = new ContestLog([[turn(0, 1, 5)], [turn(0, 7, 9), turn(10, null, null)]], 0, 30);
  expect(log.longestGap).toBe(21);
  expect(log.longestWait()).toBe(20);
  expect(log.longestWait((process) => process === 0)).toBe(1);
});

test('a hand-over is out of order while an earlier wish waits, even for ever', () => {
  const overtaken = [turn(0, 1, 2), turn(2, null, null)];
  const log = new ContestLog([overtaken, [turn(1, 3, 4), turn(5, 6, 7)]], 0, 10);
  expect(log.outOfOrder).toBeCloseTo(1 / 3);
  expect(log.overtaken).toBe(0);
});

test('a lock is overtaken once, by however many', () => {
  const late = [turn(0, 7, 8)];
  const log = new ContestLog([late, [turn(1, 1, 2), turn(2, 3, 4), turn(4, 5, 6)]], 0, 10);
  expect(log.outOfOrder).toBe(3 / 4);
  expect(log.overtaken).toBe(1 / 4);
});
