import type { LockMode } from '../mode.js';

/** A lock of this process. */
export interface Held {
  /** The lines of its keys. */
  readonly lines: readonly string[];
  readonly mode: LockMode;
  /** Of a semaphore: the permit that it is. */
  readonly permit: number | null;
  /** Whether a `using` routine runs under it. */
  readonly forRoutine: boolean;
  /** The validity that is left, in ms. */
  remaining(): number;
}
