import type { ReleaseOptions } from './options.js';

/** A handle on a held lock. It ends when it is released, detached or lost, and stays ended. */
export interface Lock extends AsyncDisposable {
  readonly resources: readonly string[];
  /** The random value that proves ownership on the nodes. Whoever has it can release the lock. */
  readonly token: string;
  /**
   * Grows with every grant of any of the resources; 0 with `fencing: false`. Send it along with
   * every write, and have whatever is written to refuse lower ones. A safe integer too large for
   * 32 bits: in a database its column is a `bigint`.
   */
  readonly fencingToken: number;
  /**
   * Aborts, with a {@link LockLostError} as reason, the moment the lock can no longer be trusted.
   * A release does not abort it.
   */
  readonly signal: AbortSignal;
  /** Ms of validity left; 0 when lost, released or detached. */
  remaining(): number;
  /**
   * Holds it for at least `ttl` from now. Never shortens: `release({ keepFor })` does.
   * @param ttl in ms; by default that of the last extension that succeeded. Automatic extensions use it from then on.
   * @throws LockLostError when the lock is lost, released or detached
   * @throws QuorumError when too many nodes are out of reach and validity is left: try again
   */
  extend(ttl?: number): Promise<void>;
  /**
   * Gives the lock back on every node. Again, it changes nothing.
   * @returns whether a quorum confirmed that the lock was held until now
   * @throws TypeError, RangeError for bad options, and the lock is held as before; it never rejects otherwise
   */
  release(options?: ReleaseOptions): Promise<boolean>;
  /**
   * Ends this handle, not the lock: that stays on the nodes until its ttl is over, and is not extended
   * any more. Another process may go on with it: `adopt` of a Redlock.
   */
  detach(): void;
}
