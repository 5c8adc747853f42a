import type { Operation } from '../../protocol/operation.js';
import type { ProcessKnowledge } from './known-servers.js';

/** How long a fencing counter outlives its lock: at least and at most, in ms. */
const LEAST_COUNTER_GRACE = 5 * 60_000;
const MOST_COUNTER_GRACE = 15 * 60_000;

/**
 * For how long the grants of a node that may have forgotten locks do not count: until every lock that it may have
 * forgotten is over. Unless a time is given, that is the longest time for which any Redlock of the process has asked
 * nodes to keep anything.
 */
export class QuarantineTime {
  readonly #given: number | undefined;
  readonly #process: ProcessKnowledge;
  readonly #onExceeded: (ttl: number) => void;
  /** The longest ttl that was reported as exceeding the given time, or that time. */
  #reported: number;

  /**
   * @param given the quarantine time that the user chose, in ms
   * @param process what the process knows, the longest ttl among it
   * @param onExceeded is called with each ttl that is longer than the given time and than every ttl before it, in ms
   */
  constructor(
    given: number | undefined,
    process: ProcessKnowledge,
    onExceeded: (ttl: number) => void,
  ) {
    this.#given = given;
    this.#process = process;
    this.#onExceeded = onExceeded;
    this.#reported = given ?? Infinity;
  }

  /** Whether no time was given. */
  get coversTtl(): boolean {
    return this.#given === undefined;
  }

  /** The length of a quarantine in ms, as far as is known by now. */
  get ms(): number {
    return this.#given ?? this.#process.longestTtl;
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
    if (longest > this.#process.longestTtl) this.#process.longestTtl = longest;
    if (longest <= this.#reported) return;
    this.#reported = longest;
    this.#onExceeded(longest);
  }
}
