import { expect, test } from '@jest/globals';
import type { Turn } from '../src/contest/turn.js';
import { PermitUse } from '../src/semaphore/permit-use.js';

function turn(granted: number | null, released: number | null): Turn {
  return { wanted: 0, granted, released };
}

test('a permit is in use from its grant to its release, as far as the time counts', () => {
  const use = new PermitUse([turn(0, 15), turn(15, null), turn(null, null), turn(40, 50)], 10, 30);
  expect(use.granted).toBe(2);
  expect(use.shareOf(2)).toBe(0.5);
});

test('the most at once are those whose times overlap', () => {
  const apart = new PermitUse([turn(0, 5), turn(5, 9)], 0, 10);
  const together = new PermitUse([turn(0, 6), turn(5, 9), turn(5, 7), turn(7, 8)], 0, 10);
  expect([apart.mostAtOnce, together.mostAtOnce]).toEqual([1, 3]);
});
