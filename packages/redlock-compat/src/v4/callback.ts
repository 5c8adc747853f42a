/** Called with an error, or with null and the result. */
export type Callback<T> = (error: unknown, result?: T) => void;

/**
 * Tells a callback, if there is one, what became of a promise.
 * @returns the promise. Nobody need handle its rejection if there is a callback.
 */
export function toldTo<T>(callback: Callback<T> | undefined, promise: Promise<T>): Promise<T> {
  if (callback === undefined) return promise;
  promise.then(
    (result) => tell(result === undefined ? () => callback(null) : () => callback(null, result)),
    (error: unknown) => tell(() => callback(error)),
  );
  return promise;
}

/** Outside of the promise: an error that a callback throws is an uncaught exception. */
function tell(call: () => void): void {
  process.nextTick(call);
}
