/** Called with an error, or with null and the result. */
export type Callback<T> = (error: unknown, result?: T) => void;

/**
 * Tells a callback, if there is one, what became of a promise.
 * @returns the promise. Nobody need handle its rejection if there is a callback.
 * @internal
 */
export function toldTo<T>(listener: Callback<T> | undefined, promise: Promise<T>): Promise<T> {
  if (listener === undefined) return promise;
  promise.then(
    (result) => call(result === undefined ? () => listener(null) : () => listener(null, result)),
    (error: unknown) => call(() => listener(error)),
  );
  return promise;
}

/** Outside of the promise: an error that a callback throws is an uncaught exception. */
function call(listener: () => void): void {
  process.nextTick(listener);
}
