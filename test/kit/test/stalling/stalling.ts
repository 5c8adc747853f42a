/** A test file of its own, for repetition.slow.test.ts: what becomes of tests that fail with and without a stall. */
import { expect, test } from '@jest/globals';
import { repeatedAfterStall } from '../../src/index.js';
import { standStill } from './standstill.js';

const runs = new Map<string, number>();

/** @returns whether it is the first run of this name */
function first(name: string): boolean {
  const run = (runs.get(name) ?? 0) + 1;
  runs.set(name, run);
  return run === 1;
}

test(
  'fails with a stall, then passes',
  repeatedAfterStall(async () => {
    if (!first('with')) return;
    standStill(500);
    throw new Error('too late');
  }),
);

test(
  'fails without a stall, then would pass',
  repeatedAfterStall(async () => {
    if (first('without')) throw new Error('wrong');
  }),
);

test.each([1, 2])(
  'fails with a stall each time (%i)',
  repeatedAfterStall(async (number) => {
    first(`always ${number}`);
    standStill(500);
    throw new Error('always too late');
  }),
);

test('the counts', () => {
  expect(Object.fromEntries(runs)).toEqual({
    with: 2,
    without: 1,
    'always 1': 4,
    'always 2': 4,
  });
});
