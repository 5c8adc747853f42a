import { isDeepStrictEqual } from 'node:util';
import { expect, test } from '@jest/globals';
import { observe } from './support/program-project.js';

/** The cases that fail on purpose, and why. */
const REFUSED = [
  [
    'supports custom script functions in options',
    'The option lockScript cannot be used here: redlock-core has scripts of its own',
  ],
  // It calls a private method.
  ['should be backwards compatible', 'redlock._lock is not a function'],
];

/** It has the same 56 cases for one node and for three. */
const EXPECTED = { passed: 2 * 54, failed: [...REFUSED, ...REFUSED] };

/**
 * How often it is repeated at most, and how late a timer of the program must have been for that, in ms: its locks last
 * 200 ms, and their nodes have a timeout of 50 ms.
 */
const REPETITIONS = 5;
const MIN_STALL = 30;

test('the test suite of redlock 4 passes on redlock-compat/v4, except for two cases that are refused', async () => {
  const library = { theirs: 'redlock-4', specifier: 'redlock-compat/v4' };
  for (let left = REPETITIONS; ; left--) {
    const { late, ...results } = await observe('redlock-4-suite.cjs', library, 1 + 3);
    const isHonest = Number(late) < MIN_STALL || left === 0;
    if (isHonest || isDeepStrictEqual(results, EXPECTED)) {
      expect(results).toEqual(EXPECTED);
      return;
    }
  }
});
