import { ResourceLockedError, type AcquireOptions } from 'redlock-core';
import { runUnder } from './current-lock.js';
import { lockedMethod, type LockedMethod, type LockKey } from './locked-method.js';

/** How a method is locked. */
export interface LockedOptions extends Pick<AcquireOptions, 'wait' | 'mode'> {
  /** For how many ms the nodes keep the lock if this process dies. While the method runs, the lock is extended. */
  readonly ttl: number;
  /**
   * What to do if others hold the lock until `wait` is over: `throw` a ResourceLockedError, which is the default, or `skip`
   * the method, which then resolves with undefined.
   */
  readonly onBusy?: 'throw' | 'skip';
}

/**
 * Runs a method under a lock, as `using` does: the lock is extended meanwhile and released afterwards.
 * @param key what to lock, or a function of the method's arguments that tells it
 * @throws what `using` throws, when the method is called
 * @example
 * ```ts
 * @Locked((order: Order) => `order:${order.id}`, { ttl: 10_000, wait: 2000 })
 * async ship(order: Order): Promise<void> {}
 * ```
 */
export function Locked<A extends unknown[] = never[]>(
  key: LockKey<A>,
  { ttl, onBusy = 'throw', ...options }: LockedOptions,
): LockedMethod<A> {
  return lockedMethod(key, async ({ redlock, resources, run }) => {
    let isHeld = false;
    try {
      return await redlock.using(resources, ttl, options, (_signal, lock) => {
        isHeld = true;
        return runUnder(lock, run);
      });
    } catch (error) {
      // The method itself may throw such an error, of another lock.
      if (onBusy === 'skip' && !isHeld && ResourceLockedError.is(error)) return undefined;
      throw error;
    }
  });
}
