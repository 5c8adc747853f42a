import type { Mutant } from '../mutant.js';
import { CALL_MUTANTS } from './call-mutants.js';
import { PERMIT_WAITING_MUTANTS } from './permit-mutants.js';
import { QUEUE_MUTANTS } from './queue-mutants.js';
import { SHARING_WAITING_MUTANTS } from './sharing-mutants.js';

/** Mistakes in how processes wait. */
export const WAITING_MUTANTS: readonly Mutant[] = [
  ...QUEUE_MUTANTS,
  ...CALL_MUTANTS,
  ...SHARING_WAITING_MUTANTS,
  ...PERMIT_WAITING_MUTANTS,
];
