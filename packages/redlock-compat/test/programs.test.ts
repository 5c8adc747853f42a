import { describe, expect, test } from '@jest/globals';
import { repeatedAfterStall } from 'test-kit';
import { observe } from './support/program-project.js';

/** The observations that are not the same in both, those of ours. */
function differences(
  theirs: Record<string, unknown>,
  ours: Record<string, unknown>,
): Record<string, unknown> {
  const differing = Object.keys({ ...theirs, ...ours }).filter(
    (name) => JSON.stringify(theirs[name]) !== JSON.stringify(ours[name]),
  );
  return Object.fromEntries(differing.map((name) => [name, ours[name]]));
}

describe('a program that uses all of the interface sees what it saw, but for what docs/migration.md lists', () => {
  test(
    'redlock 5',
    repeatedAfterStall(async () => {
      const program = 'redlock-5.mjs';
      const theirs = await observe(program, { theirs: 'redlock-5', specifier: 'redlock' });
      const ours = await observe(program, { theirs: null, specifier: 'redlock-compat' });
      expect(differences(theirs, ours)).toEqual({
        // 9 s are left of an extension before.
        extendedToLess: 89,
        releaseExpired: { resolved: ['attempts'] },
        // The nodes do not say how many they have released.
        halfReleased: {
          keys: 0,
          messages: ['The operation was applied to: not all of the 2 requested resources.'],
        },
      });
    }),
  );

  test(
    'redlock 4',
    repeatedAfterStall(async () => {
      const program = 'redlock-4.cjs';
      const theirs = await observe(program, { theirs: 'redlock-4', specifier: 'redlock' });
      const ours = await observe(program, { theirs: null, specifier: 'redlock-compat/v4' });
      expect(differences(theirs, ours)).toEqual({
        // 9 s are left of an extension before.
        extendedToLess: 89,
        // redlock 4 takes the default instead of a call's 0.
        once: { rejected: 'LockError', isLockError: true, attempts: 1 },
        // No further attempt could change the answer.
        extendStolen: {
          rejected: 'LockError',
          isLockError: true,
          attempts: 1,
          stays: 'somebody else',
        },
        unlockExpired: { rejected: 'LockError', isLockError: true, attempts: 1 },
        // redlock 4 does not tell.
        unlockStolen: { rejected: 'LockError', isLockError: true, attempts: 1 },
      });
    }),
  );
});
