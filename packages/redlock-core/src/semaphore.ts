import type { Lock, TryUsingResult } from './lock.js';
import type { AcquireOptions, AdoptOptions, TryAcquireOptions } from './options.js';

/** A permit of a semaphore that is held: the lock of the resource `{name}:permit:<permit>`. */
export interface PermitLock extends Lock {
  /** Which permit it is: from 0 to one less than the number of permits, so that it can be an index. */
  readonly permit: number;
}

/** How to wait for a permit, and how to hold it. */
export type PermitOptions = Omit<AcquireOptions, 'reentrant' | 'mode' | 'steal'>;

/** How to hold a permit. `tryAcquire` does not wait, and at run time it ignores the options for waiting. */
export type TryPermitOptions = Omit<TryAcquireOptions, 'reentrant' | 'mode' | 'steal'>;

/** How to hold a permit that is adopted. */
export type AdoptPermitOptions = Omit<AdoptOptions, 'mode'>;

/**
 * The work under a permit. Give it up when `signal` aborts, because the permit can no longer be trusted then.
 * @returns the result of `using`
 */
export type PermitRoutine<T> = (signal: AbortSignal, lock: PermitLock) => T | Promise<T>;

/** A permit, as a quorum of nodes has it. */
export interface PermitHolder {
  readonly permit: number;
  readonly token: string;
  /** The label of the Redlock that holds it; null: it has none. */
  readonly owner: string | null;
  /** The time until the permit expires on the first of those nodes, in ms. null: it does not expire. */
  readonly expiresIn: number | null;
}

/** Who holds the permits of a semaphore. */
export interface SemaphoreInspection {
  readonly name: string;
  readonly permits: number;
  /** How many permits are held: the number of holders. */
  readonly held: number;
  /** One for each permit that is held, in the order of the permits. */
  readonly holders: readonly PermitHolder[];
  /** How many processes are in the queue: the most that a node counts. */
  readonly waiting: number;
}

/**
 * A limit on how many may do something at the same time, over all processes that use the same name and nodes. Each
 * permit is a lock with everything that a lock has: extension, its own fencing token, `adopt`. So there are never
 * more holders than permits.
 * @example
 * ```ts
 * const licences = redlock.semaphore('licences', 3);
 * await licences.using(30_000, async (signal, lock) => {
 *   await convert(file, { seat: lock.permit, signal });
 * });
 * ```
 */
export interface Semaphore {
  readonly name: string;
  readonly permits: number;
  /**
   * Waits for a permit.
   * @param ttl in ms: how long the nodes keep the permit if its holder is gone
   * @throws ResourceLockedError if all permits are held until `wait` has passed; QuorumError if too many nodes failed; the
   * reason of `signal` if that aborts; RedlockClosedError; TypeError, RangeError for bad arguments
   * @example
   * ```ts
   * const lock = await licences.acquire(30_000, { wait: 10_000 });
   * try {
   *   await convert(file, { seat: lock.permit });
   * } finally {
   *   await lock.release();
   * }
   * ```
   */
  acquire(ttl: number, options?: PermitOptions): Promise<PermitLock>;
  /**
   * Takes a permit if one is free. Waits for no holder.
   * @param ttl in ms
   * @returns null if all permits are held
   * @throws the same as `acquire`, except ResourceLockedError
   * @example
   * ```ts
   * const lock = await licences.tryAcquire(30_000);
   * if (lock === null) return 'try again later';
   * ```
   */
  tryAcquire(ttl: number, options?: TryPermitOptions): Promise<PermitLock | null>;
  /**
   * Runs `routine` under a permit, extends the permit meanwhile, and releases it afterwards.
   * @param ttl in ms
   * @returns the result of the routine; an error of the routine wins over every other error
   * @throws LockLostError if the permit was lost before the routine had finished; otherwise the same as `acquire`
   * @example await licences.using(30_000, (signal, lock) => convert(file, { seat: lock.permit, signal }));
   */
  using<T>(ttl: number, routine: PermitRoutine<T>): Promise<T>;
  /** The same, with options. */
  using<T>(ttl: number, options: PermitOptions, routine: PermitRoutine<T>): Promise<T>;
  /**
   * Runs `routine` as `using` does, if a permit is free. Waits for no holder.
   * @returns the result of the routine, or that all permits are held
   * @example
   * ```ts
   * const result = await licences.tryUsing(30_000, (signal, lock) => convert(file, { seat: lock.permit, signal }));
   * if (!result.acquired) return 'try again later';
   * ```
   */
  tryUsing<T>(ttl: number, routine: PermitRoutine<T>): Promise<TryUsingResult<T>>;
  /** The same, with options. */
  tryUsing<T>(
    ttl: number,
    options: TryPermitOptions,
    routine: PermitRoutine<T>,
  ): Promise<TryUsingResult<T>>;
  /**
   * Takes a permit over from another process, as `adopt` of the Redlock does with a lock.
   * @param permit which one, as {@link PermitLock.permit} says
   * @param token of its lock
   * @param ttl in ms, from now on
   * @throws the same as `adopt` of the Redlock
   * @example const lock = await licences.adopt(message.permit, message.token, 30_000);
   */
  adopt(
    permit: number,
    token: string,
    ttl: number,
    options?: AdoptPermitOptions,
  ): Promise<PermitLock>;
  /**
   * Shows who holds the permits, as far as a quorum of nodes agrees, and how many processes wait.
   * @throws QuorumError if fewer than a quorum of nodes answer; RedlockClosedError
   * @example
   * ```ts
   * const { held, permits, waiting } = await licences.inspect();
   * console.log(`${held} of ${permits} in use, ${waiting} waiting`);
   * ```
   */
  inspect(): Promise<SemaphoreInspection>;
}
