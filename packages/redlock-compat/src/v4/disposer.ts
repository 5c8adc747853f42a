import { createRequire } from 'node:module';
import type { Lock } from './lock.js';

/** What `using` of bluebird takes: a lock, and how to release it. */
export interface Disposer<T> {
  /** Bluebird has the lock; this is only its type. */
  readonly resource?: T;
}

interface Bluebird {
  resolve<T>(value: PromiseLike<T>): {
    disposer(dispose: (value: T) => PromiseLike<unknown>): Disposer<T>;
  };
}

/** The program's own bluebird: its `using` takes no disposers of another copy. */
function bluebird(): Bluebird {
  try {
    return createRequire(import.meta.url)('bluebird') as Bluebird;
  } catch (cause) {
    throw new Error('disposer needs the package bluebird: install it beside redlock-compat', {
      cause,
    });
  }
}

/**
 * @param lock begins at once; bluebird's `using` waits for it
 * @throws Error if there is no bluebird
 * @internal
 */
export function disposerOf(
  lock: () => Promise<Lock>,
  unlock: (lock: Lock) => Promise<void>,
): Disposer<Lock> {
  return bluebird().resolve(lock()).disposer(unlock);
}
