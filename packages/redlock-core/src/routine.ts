import type { Lock } from './lock.js';

/**
 * The work under a lock. Give it up when `signal` aborts, because the lock can no longer be trusted then.
 * @returns the result of `using`
 */
export type Routine<T> = (signal: AbortSignal, lock: Lock) => T | Promise<T>;
