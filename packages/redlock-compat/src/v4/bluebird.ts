import { createRequire } from 'node:module';
import type { DonePromise } from './callback.js';

/** What `using` of bluebird takes: a lock, and how to release it. */
export interface Disposer<T> {
  /** Bluebird has the lock; this is only its type. */
  readonly resource?: T;
}

interface Bluebird {
  resolve<T>(value: PromiseLike<T>): DonePromise<T> & {
    disposer(dispose: (value: T) => PromiseLike<unknown>): Disposer<T>;
  };
}

let loaded: Bluebird | null | undefined;

/**
 * The program's own bluebird: its `using` takes no disposers of another copy. null: it is not installed.
 * @internal
 */
export function bluebird(): Bluebird | null {
  if (loaded !== undefined) return loaded;
  try {
    loaded = createRequire(import.meta.url)('bluebird') as Bluebird;
  } catch {
    loaded = null;
  }
  return loaded;
}
