import { quote } from '../errors.js';
import type { Lease } from './lease.js';
import type { LockRequest } from './request.js';

/**
 * Says that a lock of the same Redlock, often the caller's own, holds a requested resource; `undefined` if none does.
 *
 * Perf: time of every promise. Only a reentrant `using` routine is known to the calls in it: to follow all routines
 * would slow every promise of the process, and each `using` by an eighth on Node 20.
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
    const all = permits === 1 ? 'The one permit' : `Each of the ${permits} permits`;
    return `${all} of ${quote(resources)} is held; wait longer or try again later`;
  }
  const holders = keys.keys.map((key) => held.find(({ claim }) => claim.keys.keys.includes(key)));
  const holder = holders.find(Boolean);
  if (!holder) return undefined;
  const conflicting = quote(resources.filter((_, index) => holders[index] === holder));
  if (holder.mode === 'shared') {
    // It denies no request that is shared too.
    if (keys.mode === 'shared') return undefined;
    return (
      `${conflicting} is shared by this very Redlock, and maybe by others; a shared lock cannot become exclusive: ` +
      'release it first, or wait longer or try again later'
    );
  }
  if (owned?.includes(holder)) {
    return (
      `${conflicting} is locked by the caller itself: the using routine around this call holds it; ` +
      'pass reentrant: true to this call too to share the lock'
    );
  }
  return holder.forRoutine
    ? `${conflicting} is locked by this very Redlock, in a using routine: if the caller itself runs in it, ` +
        'pass reentrant: true to both calls to share the lock; otherwise wait longer or try again later'
    : `${conflicting} is locked by this very Redlock, in another call; release that lock, wait longer or try again later`;
}
