import type { Operation } from '../../protocol/operation.js';

/** The shortest quarantine, in ms. */
const LEAST = 5000;
/** How long a fencing counter outlives its lock: at least and at most, in ms. */
const LEAST_COUNTER_GRACE = 5 * 60_000;
const MOST_COUNTER_GRACE = 15 * 60_000;

/**
 * For how long the grants of a node that may have forgotten locks do not count: until every lock that it may have
 * forgotten is over. Unless a time is given, that is the longest time for which this Redlock has asked nodes to keep
 * anything.
 */
export class QuarantineTime {
  readonly #given: number | undefined;
  readonly #onExceeded: (ttl: number) => void;
  #longest: number;

  /**
   * @param given the quarantine time that the user chose, in ms
   * @param onExceeded is called with each ttl that is longer than the given time and than every ttl before it, in ms
   */
  constructor(given: number | undefined, onExceeded: (ttl: number) => void) {
    this.#given = given;
    this.#onExceeded = onExceeded;
    this.#longest = given ?? LEAST;
  }

  /** The length of a quarantine in ms, as far as is known by now. */
  get ms(): number {
    return this.#given ?? this.#longest;
  }

  /**
   * How long a fencing counter outlives the lock that raised it, in ms. It outlives a quarantine: when a node that has
   * forgotten the counter counts again, the other nodes must still know it. If a quarantine is longer than the most,
   * that node raises its counters from its clock instead, so one long ttl does not keep the counters of all locks.
   */
  get counterGrace(): number {
    return Math.min(Math.max(LEAST_COUNTER_GRACE, this.ms + 60_000), MOST_COUNTER_GRACE);
  }

  /** Takes note of an operation that is asked of the nodes. */
  cover({ kind, ttl, claim }: Operation): void {
    // An inspection sets no expiry.
    if (kind === 'inspect') return;
    const longest = Math.max(ttl, claim.keepFor);
    if (longest <= this.#longest) return;
    this.#longest = longest;
    if (this.#given !== undefined) this.#onExceeded(longest);
  }
}
