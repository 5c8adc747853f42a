import { expect, test } from '@jest/globals';
import { judge } from '../src/mutants/judge.js';
import { MUTANTS } from '../src/mutants/mutants.js';

/** Those that are not rare were found within 400 schedules. */
const LIMIT = 2000;

test.each(MUTANTS.filter(({ isRare }) => !isRare))(
  '$name is caught',
  async (mutant) => {
    const { schedules } = await judge(mutant, LIMIT);
    expect(schedules).not.toBeNull();
  },
  600_000,
);
