import { ATTEMPT_MUTANTS } from './attempt-mutants.js';
import { FENCING_MUTANTS } from './fencing-mutants.js';
import { HOLDING_MUTANTS } from './holding-mutants.js';
import type { Mutant } from './mutant.js';
import { NODE_MUTANTS } from './node-mutants.js';
import { PERMIT_MUTANTS } from './permit-mutants.js';
import { SHARING_MUTANTS } from './sharing-mutants.js';
import { TIME_MUTANTS } from './time-mutants.js';
import { WAITING_MUTANTS } from './waiting/waiting-mutants.js';

export const MUTANTS: readonly Mutant[] = [
  ...ATTEMPT_MUTANTS,
  ...TIME_MUTANTS,
  ...FENCING_MUTANTS,
  ...HOLDING_MUTANTS,
  ...NODE_MUTANTS,
  ...SHARING_MUTANTS,
  ...PERMIT_MUTANTS,
  ...WAITING_MUTANTS,
];
