/** What a promise rejects with. Throws if it does not. */
export async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    return error;
  }
  throw new Error(`Resolved with ${String(value)} instead of rejecting`);
}
