import type { Kind } from '../plan/kinds.js';
import { AROUND_CORE } from './around-core.js';
import { IN_CORE } from './in-core.js';

/** How a mistake is found. */
export interface Evidence {
  /** The kind of plans that show it. */
  readonly kind: Kind;
  /** The only oracle that judges; by default, all do. */
  readonly oracle?: string;
  /** Whether finding it takes more schedules than the slow tests have time for; `simulate --mutants` runs it. */
  readonly isRare?: boolean;
}

/** A deliberate mistake. */
export interface Mutant extends Evidence {
  /** Begins with the id of the promise that is broken, and says how. */
  readonly name: string;
}

export const MUTANTS: readonly Mutant[] = [
  ...Object.entries(AROUND_CORE).map(([name, evidence]) => mutantOf(name, evidence)),
  ...Object.entries(IN_CORE).map(([name, [evidence]]) => mutantOf(name, evidence)),
];

function mutantOf(name: string, { kind, oracle, isRare }: Evidence): Mutant {
  return { name, kind, ...(oracle !== undefined && { oracle }), ...(isRare && { isRare }) };
}
