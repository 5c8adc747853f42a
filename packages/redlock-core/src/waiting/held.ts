import type { LockMode } from '../mode.js';

/** A lock of this process. */
export interface Held {
  readonly keys: readonly string[];
  readonly mode: LockMode;
  /** Whether a `using` routine runs under it. */
  readonly forRoutine: boolean;
  /** The validity that is left, in ms. */
  remaining(): number;
}
