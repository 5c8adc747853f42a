import { createRequire } from 'node:module';

/** Called with an error, or with null and the result. */
export type Callback<T> = (error: unknown, result?: T) => void;

/** As promises of redlock 4, which are those of bluebird. */
export interface DonePromise<T> extends Promise<T> {
  /** Ends a chain: an error that is not handled here is an uncaught exception. */
  done(onFulfilled?: (value: T) => unknown, onRejected?: (error: unknown) => unknown): void;
}

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

/**
 * Makes a promise as redlock 4 returns it: one of bluebird if that is installed, otherwise a native one with `done`.
 * @param listener is called when the promise is settled. Its rejection need not be handled then.
 * @internal
 */
export function promiseFor<T>(
  promise: Promise<T>,
  listener: Callback<T> | undefined,
): DonePromise<T> {
  const returned = bluebird()?.resolve(promise) ?? withDone(promise);
  if (listener === undefined) return returned;
  returned.then(
    (result) => call(result === undefined ? () => listener(null) : () => listener(null, result)),
    (error: unknown) => call(() => listener(error)),
  );
  return returned;
}

function withDone<T>(promise: Promise<T>): DonePromise<T> {
  return Object.assign(promise, {
    done(onFulfilled?: (value: T) => unknown, onRejected?: (error: unknown) => unknown): void {
      promise.then(onFulfilled, onRejected).catch((error: unknown) =>
        call(() => {
          throw error;
        }),
      );
    },
  });
}

/** Outside of the promise: an error that a callback throws is an uncaught exception. */
function call(listener: () => void): void {
  process.nextTick(listener);
}
