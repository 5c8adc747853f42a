import { quote } from '../errors.js';
import type { Lease } from './lease.js';
import type { LockRequest } from './request.js';

/**
 * Says that a lock of the same Redlock, often the caller's own, holds a requested resource; `undefined` if none does.
 *
 * Perf: only reentrant `using` routines are known to the calls in them. Tracking all routines would slow every promise of
 * the process.
 * @param held all leases of the Redlock
 * @param owned those of the `using` routines around the caller, if they can be re-entered
 */
export function explainConflict(
  { resources, keys }: LockRequest,
  held: readonly Lease[],
  owned: readonly Lease[] | undefined,
): string | undefined {
  if (keys.semaphore) {
    const { permits } = keys.semaphore;
    const all = permits === 1 ? 'its only permit is' : `all ${permits} permits are`;
    return `${all} held. Wait longer, or retry later.`;
  }
  const holders = keys.keys.map((key) => held.find(({ claim }) => claim.keys.keys.includes(key)));
  const holder = holders.find(Boolean);
  if (!holder) return undefined;
  const conflicting = resources.filter((_, index) => holders[index] === holder);
  const it = conflicting.length === resources.length ? 'it' : quote(conflicting);
  if (holder.mode === 'shared') {
    // It denies no request that is shared too.
    if (keys.mode === 'shared') return undefined;
    return (
      `this Redlock instance, and perhaps others, holds ${it} in shared mode, which cannot become exclusive. ` +
      'Release the shared lock first, or wait longer.'
    );
  }
  if (owned?.includes(holder)) {
    return (
      `the using routine around this call holds ${it}. ` +
      'Pass reentrant: true to this call too, to share the lock.'
    );
  }
  return holder.forRoutine
    ? `a using routine of this Redlock instance holds ${it}. If this call runs in that routine, pass ` +
        'reentrant: true to both calls; otherwise wait longer, or retry later.'
    : `another call on this Redlock instance holds ${it}. Release that lock first, or wait longer.`;
}
