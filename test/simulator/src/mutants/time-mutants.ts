import type { Mutant } from './mutant.js';

/** Mistakes in how time is measured. */
export const TIME_MUTANTS: readonly Mutant[] = [
  {
    name: 'validity-from-the-end',
    mistake: 'Validity is counted from the answers, not from the question',
    changes: [
      {
        file: 'attempt/attempt.ts',
        right: 'Validity.since(start,',
        wrong: 'Validity.since(readClocks(runtime),',
      },
    ],
  },
  {
    name: 'extension-from-the-end',
    mistake: 'An extension is counted from the answers, not from the question',
    changes: [
      {
        file: 'lock/extension.ts',
        right:
          'this.validity = Validity.since(readClocks(runtime), fullValidity(ttl, driftFactor));',
        wrong: `Object.defineProperty(this, 'validity', {
      get: () => Validity.since(readClocks(runtime), fullValidity(ttl, driftFactor)),
    });`,
      },
    ],
  },
  {
    name: 'no-drift',
    mistake: 'Validity leaves no room for drift',
    changes: [
      {
        file: 'time/validity.ts',
        right: 'return ttl - driftOf(ttl, driftFactor);',
        wrong: 'return ttl;',
      },
    ],
  },
  {
    name: 'monotonic-clock-only',
    mistake: 'Elapsed time is read from the monotonic clock alone',
    changes: [
      {
        file: 'time/validity.ts',
        right: 'return Math.min(this.mono - mono, this.wall - wall);',
        wrong: 'return this.mono - mono + 0 * wall;',
      },
    ],
  },
  {
    name: 'wall-clock-only',
    mistake: 'Elapsed time is read from the wall clock alone',
    changes: [
      {
        file: 'time/validity.ts',
        right: 'return Math.min(this.mono - mono, this.wall - wall);',
        wrong: 'return this.wall - wall + 0 * mono;',
      },
    ],
  },
];
