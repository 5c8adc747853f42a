import type { Caller } from './caller.js';

/** Something that a caller does with its Redlock, from the first call to the end of what it got. */
export interface JobKind {
  readonly name: string;
  /** How often it is chosen, compared with the others. */
  readonly weight: (caller: Caller) => number;
  /** Rejects with what the caller was refused with. */
  run(caller: Caller): Promise<void>;
}
