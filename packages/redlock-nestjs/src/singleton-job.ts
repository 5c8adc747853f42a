import { runUnder } from './current-lock.js';
import { lockedMethod, type LockKey, type SkippableMethod } from './locked-method.js';

/** How a job is run once. */
export interface SingletonJobOptions {
  /** How long the nodes keep the lock if this process dies, in ms. While the job runs, the lock is extended. */
  readonly ttl: number;
  /**
   * How long no other process runs the job after it has ended, also with an error, in ms. A positive integer, longer than
   * the difference of the fleet's clocks and timers, and shorter than the time until the job is due again. Give the
   * Redlock a `quarantineTime` of at least this, because processes that did not run the job do not know `keepFor`.
   */
  readonly keepFor: number;
  /** The name of the Redlock, if the application has several. */
  readonly redlock?: string;
}

/**
 * Runs a method in one process of a fleet, although a schedule calls it in all of them at about the same time. In the
 * others it is skipped, and resolves with undefined.
 * @param key what to lock, or a function that returns it for the method's arguments
 * @throws RangeError for a bad `keepFor`; when the job is called: QuorumError if too many nodes fail, LockLostError if the
 * lock was lost before the job had ended
 * @example
 * ```ts
 * @Cron('0 3 * * *')
 * @SingletonJob('nightly-report', { ttl: 60_000, keepFor: 10 * 60_000 })
 * async report(): Promise<void> {}
 * ```
 */
export function SingletonJob<A extends unknown[] = never[]>(
  key: LockKey<A>,
  { ttl, keepFor, redlock: name }: SingletonJobOptions,
): SkippableMethod<A> {
  if (!(Number.isSafeInteger(keepFor) && keepFor > 0)) {
    throw new RangeError(`keepFor must be a positive safe integer (ms), not ${keepFor}`);
  }
  return lockedMethod(key, name, async ({ redlock, resources, run }) => {
    const result = await redlock.tryUsing(resources, ttl, async (signal, lock) => {
      try {
        return await runUnder(lock, signal, run);
      } finally {
        await lock.release({ keepFor });
      }
    });
    return result.acquired ? result.value : undefined;
  });
}
