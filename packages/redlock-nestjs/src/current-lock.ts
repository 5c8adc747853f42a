import { AsyncLocalStorage } from 'node:async_hooks';
import type { Lock } from 'redlock-core';

const locks = new AsyncLocalStorage<Lock>();

/**
 * The lock under which a method with `@Locked` or `@SingletonJob` runs, for its signal and its fencing token; the innermost one,
 * if such methods call one another. `undefined` outside of such methods.
 * @example
 * ```ts
 * @Locked((id: number) => `invoice:${id}`, { ttl: 10_000 })
 * async bill(id: number) {
 *   const { signal, fencingToken } = currentLock()!;
 *   await this.invoices.save(id, fencingToken, { signal });
 * }
 * ```
 */
export function currentLock(): Lock | undefined {
  return locks.getStore();
}

/**
 * Runs a method under a lock.
 * @internal
 */
export function runUnder<T>(lock: Lock, method: () => T): T {
  return locks.run(lock, method);
}
