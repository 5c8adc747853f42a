import type { Redlock } from 'redlock-core';

/** Longer than the clocks of two machines differ, and shorter than the time to the next night. */
export const KEEP_FOR = 60 * 60_000;

/**
 * Makes the report, unless another machine does or has done it tonight.
 *
 * @returns whether this machine has made it
 */
export async function makeOnce(
  redlock: Pick<Redlock, 'tryAcquire'>,
  make: (signal: AbortSignal) => Promise<void>,
): Promise<boolean> {
  const lock = await redlock.tryAcquire('report', 10_000, { autoExtend: true });
  if (lock === null) return false;
  try {
    await make(lock.signal);
    return await lock.release({ keepFor: KEEP_FOR });
  } finally {
    // After a failure: another machine may try at once. After a success, this does nothing.
    await lock.release();
  }
}
