import type { Lock, PermitLock, Redlock } from 'redlock-core';
import { UsageError } from '../usage-error.js';
import type { RunSettings } from './settings.js';

/**
 * Waits for the lock, or the permit, and has it extended from then on.
 * @param signal ends the waiting
 * @throws UsageError for a resource or a ttl that there cannot be; otherwise what `acquire` of a Redlock throws
 */
export async function acquire(
  redlock: Redlock,
  { resource, ttl, wait, shared, permits }: RunSettings,
  signal: AbortSignal,
): Promise<Lock | PermitLock> {
  const options = { wait, signal, autoExtend: true };
  try {
    if (permits !== null) return await redlock.semaphore(resource, permits).acquire(ttl, options);
    return await redlock.acquire(resource, ttl, {
      ...options,
      mode: shared ? 'shared' : 'exclusive',
    });
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    throw new UsageError(error.message);
  }
}
