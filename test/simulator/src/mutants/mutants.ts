import type { Mutant } from './mutant.js';
import { OUTSIDE_MUTANTS } from './outside-mutants.js';
import { POLICY_MUTANTS } from './policy-mutants.js';

export const MUTANTS: readonly Mutant[] = [...OUTSIDE_MUTANTS, ...POLICY_MUTANTS];
