import { expect, test } from '@jest/globals';
import { judge } from '../src/mutants/mutant-table.js';
import { MUTANTS } from '../src/mutants/mutants.js';

test.each(MUTANTS)(
  '$name is caught',
  async (mutant) => {
    const { schedules } = await judge(mutant);
    expect(schedules).not.toBeNull();
  },
  3_600_000,
);
