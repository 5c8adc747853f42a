import type { Kind } from '../plan/kinds.js';
import type { PolicyName } from './policies.js';
import type { WrongName } from './wrong.js';

/** A deliberate mistake. */
export interface Mutant {
  /** Begins with the id of the promise that is broken, and says how. */
  readonly name: string;
  /** Whether finding it takes more schedules than the slow tests have time for; `simulate --mutants` runs it. */
  readonly isRare?: boolean;
  /** The kind of plans that show it. */
  readonly kind: Kind;
  /** The oracle that has to see it, and no other one is asked; by default, any may. */
  readonly oracle?: string;
  /** What is wrong around the core. */
  readonly wrong?: WrongName;
  /** What is put in the place of exports of the core's modules. */
  readonly policy?: PolicyName;
}
