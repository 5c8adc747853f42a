/** What a promise has come to so far. */
interface Outcome<T> {
  value?: T;
  error?: unknown;
}

/** Follows a promise, so that a test can look at any moment whether it has settled, and how. */
export function outcomeOf<T>(promise: Promise<T>): Outcome<T> {
  const outcome: Outcome<T> = {};
  promise.then(
    (value) => (outcome.value = value),
    (error: unknown) => (outcome.error = error),
  );
  return outcome;
}
