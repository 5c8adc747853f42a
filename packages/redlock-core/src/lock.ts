import type { LockMode, ReleaseOptions } from './options.js';

/** A handle on a held lock. The handle ends when the lock is released, detached or lost, and stays ended. */
export interface Lock extends AsyncDisposable {
  /** The resources that are locked, each once. */
  readonly resources: readonly string[];
  /** How the lock is held: by this holder alone, or shared with others. */
  readonly mode: LockMode;
  /** The random value that proves ownership on the nodes. A client that has it can release the lock. */
  readonly token: string;
  /**
   * A number that grows with every grant of any of the resources. 0 with `fencing: false` and for shared locks, except a
   * shared lock that is re-entered inside an exclusive one. Send it with every write, and have the resource refuse writes
   * with a lower number. It is a safe integer that is too large for 32 bits: in a database, its column must be a `bigint`.
   */
  readonly fencingToken: number;
  /**
   * Aborts, with a {@link LockLostError} as reason, the moment the lock can no longer be trusted.
   * A release does not abort it.
   */
  readonly signal: AbortSignal;
  /** The validity that is left, in ms; 0 if the lock is lost, released or detached. */
  remaining(): number;
  /**
   * Holds the lock for at least `ttl` from now. Never shortens; `release({ keepFor })` does.
   * @param ttl in ms; by default that of the last extension that succeeded, or of the acquire. Automatic extensions use
   * it from then on.
   * @throws LockLostError if the lock is lost
   * @throws RedlockError (`LOCK_RELEASED`) after `release` or `detach`
   * @throws QuorumError if too many nodes are unreachable and validity is left: try again
   * @throws RedlockClosedError after `close` of the Redlock
   * @throws TypeError, RangeError for a bad ttl
   * @example
   * ```ts
   * const lock = await redlock.acquire('import', 10_000);
   * for (const file of files) {
   *   await lock.extend(); // at least 10 s for each file
   *   await load(file, lock.fencingToken);
   * }
   * ```
   */
  extend(ttl?: number): Promise<void>;
  /**
   * Releases the lock on every node. Another call changes nothing.
   * @returns whether a quorum confirmed that the lock was held until now
   * @throws TypeError, RangeError for bad options, and the lock is held as before; it never rejects otherwise
   */
  release(options?: ReleaseOptions): Promise<boolean>;
  /**
   * Ends this handle, but not the lock: the lock stays on the nodes until its ttl has passed, and is not extended any
   * more. Another process may take it over with `adopt` of its Redlock. If the lock was re-entered, this applies
   * to the last handle: while there are others, they extend the lock, and the last of them may release it.
   */
  detach(): void;
}

/**
 * The work under a lock. Give it up when `signal` aborts, because the lock can no longer be trusted then.
 * @returns the result of `using`
 */
export type Routine<T> = (signal: AbortSignal, lock: Lock) => T | Promise<T>;

/** The result of `tryUsing`: that of the routine, or that another client holds the lock. */
export type TryUsingResult<T> =
  { readonly acquired: true; readonly value: T } | { readonly acquired: false };
