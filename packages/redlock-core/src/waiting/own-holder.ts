import type { Refused } from '../attempt/refused.js';
import { refusalError } from '../attempt/refusal.js';
import type { Request } from '../attempt/request.js';
import { quote, type RedlockError } from '../errors.js';
import type { Held } from './held.js';
import type { PermitChoice } from './permit-choice.js';
import type { WaitingLines } from './waiting-lines.js';

/** The request of a caller that may hold locks itself. */
export interface OwnerRequest extends Request {
  /** The locks of the `using` routines around the caller, if they can be re-entered. */
  readonly owned: readonly Held[] | undefined;
  /** Of a semaphore: which of its permits the caller tries; null: the caller wants just these resources. */
  readonly permits: PermitChoice | null;
}

/** The error for a request that got nothing. It says so if a lock of the same Redlock stood in its way. */
export function requestError(
  lines: WaitingLines,
  request: OwnerRequest,
  refused: Refused,
): RedlockError {
  const why = refused.refusal === 'held' ? tellHolder(lines, request) : undefined;
  return refusalError(request.resources, refused, why);
}

function tellHolder(lines: WaitingLines, request: OwnerRequest): string | undefined {
  const { permits, resources } = request;
  if (!permits) return tellOwnHolder(lines, request);
  const all = permits.permits === 1 ? 'The one permit' : `Each of the ${permits.permits} permits`;
  return `${all} of ${quote(resources)} is held; wait longer or try again later`;
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
  const holders = lockKeys.lines.map((line) => lines.holderOf(line));
  const holder = holders.find(Boolean);
  if (!holder) return undefined;
  const held = quote(resources.filter((_, index) => holders[index] === holder));
  if (holder.mode === 'shared') {
    // It keeps nobody out who wants to share the key too.
    if (lockKeys.mode === 'shared') return undefined;
    return (
      `${held} is shared by this very Redlock, and maybe by others; a shared lock cannot become exclusive: ` +
      'release it first, or wait longer or try again later'
    );
  }
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
