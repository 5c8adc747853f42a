import type { Mutant } from './mutant.js';
import { OUTSIDE_MUTANTS } from './outside-mutants.js';
import { SOURCE_MUTANTS } from './source-mutants.js';
import { WAITING_MUTANTS } from './waiting/waiting-mutants.js';

export const MUTANTS: readonly Mutant[] = [
  ...OUTSIDE_MUTANTS,
  ...SOURCE_MUTANTS,
  ...WAITING_MUTANTS,
];
