import { ResourceLockedError, type AcquireOptions } from 'redlock-core';
import { runUnder } from './current-lock.js';
import {
  lockedMethod,
  type LockedMethod,
  type LockKey,
  type SkippableMethod,
} from './locked-method.js';

/** How a method is locked. */
export interface LockedOptions extends Pick<AcquireOptions, 'wait' | 'mode'> {
  /** How long the nodes keep the lock if this process dies, in ms. While the method runs, the lock is extended. */
  readonly ttl: number;
  /**
   * What happens if another client holds the lock when `wait` ends. `throw`, the default: the method rejects with a
   * ResourceLockedError. `skip`: the method does not run, and resolves with undefined. With `skip`, `wait` is 0 by default.
   */
  readonly onLocked?: 'throw' | 'skip';
  /** The name of the Redlock, if the application has several. */
  readonly redlock?: string;
}

/**
 * Runs a method under a lock, as `using` does: the lock is extended while the method runs, and released when it ends.
 * @param key what to lock, or a function of the method's arguments that returns it
 * @throws what `using` throws, when the method is called
 * @example
 * ```ts
 * @Locked((order: Order) => `order:${order.id}`, { ttl: 10_000, wait: 2000 })
 * async ship(order: Order): Promise<void> {}
 * ```
 */
export function Locked<A extends unknown[] = never[]>(
  key: LockKey<A>,
  options: LockedOptions & { readonly onLocked?: 'throw' },
): LockedMethod<A>;
/** With `skip`, the method must be allowed to resolve with undefined. */
export function Locked<A extends unknown[] = never[]>(
  key: LockKey<A>,
  options: LockedOptions,
): SkippableMethod<A>;
export function Locked<A extends unknown[]>(
  key: LockKey<A>,
  { ttl, onLocked = 'throw', redlock: name, ...given }: LockedOptions,
): LockedMethod<A> {
  const options = { ...(onLocked === 'skip' && { wait: 0 }), ...given };
  return lockedMethod(key, name, async ({ redlock, resources, run }) => {
    let isHeld = false;
    try {
      return await redlock.using(resources, ttl, options, (signal, lock) => {
        isHeld = true;
        return runUnder(lock, signal, run);
      });
    } catch (error) {
      // The method itself may throw such an error, of another lock.
      if (onLocked === 'skip' && !isHeld && ResourceLockedError.is(error)) return undefined;
      throw error;
    }
  });
}
