import { type Lock, QuorumError } from 'redlock-core';
import { until } from 'test-kit';

/** Extends a lock, again while a node that has just been restarted is not believed. */
export async function untilExtended(lock: Lock): Promise<void> {
  await until('a quorum acknowledges an extension', async () => {
    try {
      await lock.extend();
      return true;
    } catch (error) {
      if (!QuorumError.is(error)) throw error;
      return false;
    }
  });
}
