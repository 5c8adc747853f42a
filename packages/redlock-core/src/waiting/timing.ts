/** While notifications work, the interval of polls is this many poll intervals, but at most this many ms. */
const POLL_FACTOR = 5;
const MAX_POLL = 1000;

/** The number of polls for which an entry stays without renewal, and the least time in ms. */
const LEASE_POLLS = 3;
const MIN_LEASE = 1000;

/** How long after a ticket was first granted it is handed on inside the process, in ms. */
export const INHERITED_FOR = 100;

/** The part of its wait for which a waiter keeps keys, and the part of that time after which it requests again. */
const KEEP_SHARE = 0.1;
const KEEP_REQUEST = 2 / 3;

/** The interval of polls while notifications work, in ms. */
export function pollOf(pollInterval: number): number {
  return Math.max(pollInterval, Math.min(POLL_FACTOR * pollInterval, MAX_POLL));
}

/** The interval of polls while notifications do not work, in ms. */
export function blindPollOf(pollInterval: number, random: number): number {
  return pollInterval * (1 + random / 2);
}

/** How long an entry stays that is not renewed, in ms. */
export function leaseOf(pollInterval: number): number {
  return Math.max(MIN_LEASE, Math.ceil(LEASE_POLLS * pollOf(pollInterval)));
}

/**
 * How long nodes keep keys that a waiter for several keys was notified for, while it waits for the others. Lower tickets
 * pass it, so there is no deadlock. The time grows with the wait until it spans the time for which others hold the keys, so
 * there is no starvation.
 */
export class KeepPeriod {
  #end: number | null = null;

  /**
   * What the next request says, in ms; 0: the keys are given up, and a new period begins with the request after it.
   * @param waited for how long the waiter has waited, in ms
   */
  next(now: number, waited: number, window: number, ttl: number): number {
    const longest = Math.min(ttl, Math.max(window, KEEP_SHARE * waited));
    this.#end ??= now + longest;
    // The window may have become shorter since.
    const keep = Math.floor(Math.min(this.#end - now, longest));
    if (keep >= 1) return keep;
    this.#end = null;
    return 0;
  }

  /** Nothing is kept, so no period has begun. */
  reset(): void {
    this.#end = null;
  }

  /** The time in ms until the waiter requests again, to get the other keys or to give these up. */
  static requestIn(keep: number, window: number): number {
    return Math.max(window / 2, keep * KEEP_REQUEST);
  }
}
