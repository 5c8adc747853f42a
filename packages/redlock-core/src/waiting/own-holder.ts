import type { Refused } from '../attempt/attempt.js';
import { refusalError } from '../attempt/refusal.js';
import type { Request } from '../attempt/request.js';
import { quote, type RedlockError } from '../errors.js';
import type { Held } from './waiting-line.js';
import type { WaitingLines } from './waiting-lines.js';

/** The request of a caller that may hold something itself. */
export interface OwnerRequest extends Request {
  /** The locks of the `using` routines around the caller, if they may be re-entered. */
  readonly owned: readonly Held[] | undefined;
}

/** The error for a request that got nothing. It says if a lock of this very Redlock stood in its way. */
export function requestError(
  lines: WaitingLines,
  request: OwnerRequest,
  refused: Refused,
): RedlockError {
  const own = refused.refusal === 'held' ? tellOwnHolder(lines, request) : undefined;
  return refusalError(request.resources, refused, own);
}

/**
 * What an error says of a resource that a lock of this very Redlock holds, often the caller's own. Only a
 * reentrant `using` routine is known to the calls in it: following all routines would cost every `using` an
 * eighth more on Node 20, and slow down every promise of the process.
 */
function tellOwnHolder(
  lines: WaitingLines,
  { resources, owned }: OwnerRequest,
): string | undefined {
  const holders = resources.map((resource) => lines.holderOf(resource));
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
