import type { Kind } from '../plan/kinds.js';
import type { WrongName } from './wrong.js';

/** One place in the core's source, and what a mutant puts there. */
export interface Change {
  /** Below the core's `src`. */
  readonly file: string;
  /** Is there exactly once. */
  readonly right: string;
  readonly wrong: string;
}

/** A deliberate mistake. */
export interface Mutant {
  /** Begins with the id of the promise that is broken, and says how. The names of those of waiting are short. */
  readonly name: string;
  /** What is broken, where the name does not say it. */
  readonly mistake?: string;
  /** Whether finding it takes more schedules than the slow tests have time for; `simulate --mutants` runs it. */
  readonly isRare?: boolean;
  /** The kind of plans that show it soon; by default, all kinds. */
  readonly kind?: Kind;
  /** The oracle that has to see it, and no other one is asked; by default, any may. */
  readonly oracle?: string;
  /** What is put into the core's source; several where one rule makes up for another. */
  readonly changes?: readonly [Change, ...Change[]];
  /** What is wrong around the core. */
  readonly wrong?: WrongName;
}
