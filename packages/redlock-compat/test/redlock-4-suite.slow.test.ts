import { expect, test } from '@jest/globals';
import { repeatedAfterStall } from 'test-kit';
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

test(
  'the test suite of redlock 4 passes on redlock-compat/v4, except for two cases that are refused',
  repeatedAfterStall(async () => {
    const library = { theirs: 'redlock-4', specifier: 'redlock-compat/v4' };
    // It has the same 56 cases for one node and for three.
    const results = await observe('redlock-4-suite.cjs', library, 1 + 3);
    expect(results).toEqual({ passed: 2 * 54, failed: [...REFUSED, ...REFUSED] });
  }),
);
