/** What a promise rejects with. Throws if it does not. */
export async function rejectionOf(promise: PromiseLike<unknown>): Promise<unknown> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    return error;
  }
  throw new Error('Resolved instead of rejecting', { cause: value });
}

/** What a function throws. Throws if it does not. */
export function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error('Did not throw');
}
