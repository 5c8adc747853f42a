import type { Refused } from '../attempt/refused.js';
import { refusalError } from '../attempt/refusal.js';
import type { Request } from '../attempt/request.js';
import { quote, type RedlockError } from '../errors.js';
import type { Held } from './held.js';
import type { WaitingLines } from './waiting-lines.js';

/** The request of a caller that may hold locks itself. */
export interface OwnerRequest extends Request {
  /** The locks of the `using` routines around the caller, if they can be re-entered. */
  readonly owned: readonly Held[] | undefined;
}

/** The error for a request that got nothing. It says so if a lock of the same Redlock stood in its way. */
export function requestError(
  lines: WaitingLines,
  request: OwnerRequest,
  refused: Refused,
): RedlockError {
  const own = refused.refusal === 'held' ? tellOwnHolder(lines, request) : undefined;
  return refusalError(request.resources, refused, own);
}

/**
 * Says that a lock of the same Redlock, often the caller's own, holds a requested resource; `undefined` if none does.
 *
 * Perf: time of every promise. Only a reentrant `using` routine is known to the calls in it: to follow all routines
 * would slow every promise of the process, and each `using` by an eighth on Node 20.
 */
function tellOwnHolder(
  lines: WaitingLines,
  { resources, lockKeys, owned }: OwnerRequest,
): string | undefined {
  const holders = lockKeys.keys.map((key) => lines.holderOf(key));
  const holder = holders.find(Boolean);
  if (!holder) return undefined;
  const held = quote(resources.filter((_, index) => holders[index] === holder));
  if (owned?.some((lock) => lock === holder)) {
    return (
      `${held} is locked by the caller itself: the using routine around this call holds it; ` +
      'pass reentrant: true to this call too to share the lock'
    );
  }
  return holder.forRoutine
    ? `${held} is locked by this very Redlock, in a using routine: if the caller itself runs in it, ` +
        'pass reentrant: true to both calls to share the lock; otherwise wait longer or try again later'
    : `${held} is locked by this very Redlock, in another call; release that lock, wait longer or try again later`;
}
