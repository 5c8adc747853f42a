import { ATTEMPT_MUTANTS } from './attempt-mutants.js';
import { CALL_MUTANTS } from './call-mutants.js';
import { FENCING_MUTANTS } from './fencing-mutants.js';
import { HOLDING_MUTANTS } from './holding-mutants.js';
import type { Mutant } from './mutant.js';
import { NODE_MUTANTS } from './node-mutants.js';
import { PERMIT_MUTANTS } from './permit-mutants.js';
import { QUEUE_MUTANTS } from './queue-mutants.js';
import { SHARING_MUTANTS } from './sharing-mutants.js';
import { TIME_MUTANTS } from './time-mutants.js';

export const MUTANTS: readonly Mutant[] = [
  ...ATTEMPT_MUTANTS,
  ...TIME_MUTANTS,
  ...FENCING_MUTANTS,
  ...HOLDING_MUTANTS,
  ...NODE_MUTANTS,
  ...QUEUE_MUTANTS,
  ...CALL_MUTANTS,
  ...SHARING_MUTANTS,
  ...PERMIT_MUTANTS,
];
