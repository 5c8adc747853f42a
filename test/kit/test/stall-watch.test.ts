import { expect, test } from '@jest/globals';
import { StallWatch } from '../src/index.js';

test('a look that comes late is a stall, unless the process computed all the time', () => {
  const clocks = { now: 1000, computed: 10 };
  const stalls: number[] = [];
  const told = (ms: number): void => void stalls.push(ms);
  using watch = new StallWatch(told, { now: () => clocks.now, computed: () => clocks.computed });
  /** @returns for how long it has stood still, so much later than the time of a look */
  const look = (late: number, computed = 0): number => {
    clocks.now += 50 + late;
    clocks.computed += computed;
    return watch.look();
  };
  expect(look(10)).toBe(0);
  expect(look(500, 20)).toBe(480);
  expect(look(300)).toBe(480 + 300);
  expect(look(150)).toBe(480 + 300);
  expect(look(900, 800)).toBe(480 + 300);
  expect(stalls).toEqual([480, 300]);
});
