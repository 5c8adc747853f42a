import { AsyncLocalStorage } from 'node:async_hooks';
import type { Lock } from 'redlock-core';

interface Current {
  readonly lock: Lock;
  readonly signal: AbortSignal;
}

const current = new AsyncLocalStorage<Current>();

/**
 * The lock under which a method with `@Locked` or `@SingletonJob` runs, for its fencing token; the innermost one if such
 * methods call one another. `undefined` outside of such methods.
 * @example
 * ```ts
 * @Locked((id: number) => `invoice:${id}`, { ttl: 10_000 })
 * async bill(id: number) {
 *   await this.invoices.save(id, currentLock()!.fencingToken, { signal: currentSignal() });
 * }
 * ```
 */
export function currentLock(): Lock | undefined {
  return current.getStore()?.lock;
}

/**
 * The signal of the method that {@link currentLock} is about. It aborts when the lock is lost, and when the application
 * shuts down and its `drainTimeout` has passed.
 */
export function currentSignal(): AbortSignal | undefined {
  return current.getStore()?.signal;
}

/**
 * Runs a method under a lock.
 * @internal
 */
export function runUnder<T>(lock: Lock, signal: AbortSignal, method: () => T): T {
  return current.run({ lock, signal }, method);
}
