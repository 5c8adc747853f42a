import type { ProcessKnowledge } from './known-servers.js';

/**
 * A fencing counter outlives its lock by this and the longest ttl, at most by the second, in ms. Counters that are lost are
 * replaced by the nodes' clocks, so the order of fencing tokens then rests on clocks within this, less 2 s.
 */
const CLOCK_SKEW = 60_000;
const MAX_COUNTER_GRACE = 15 * 60_000;

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
   * How long a fencing counter outlives the lock that raised it, in ms: a repair that arrives very late must still find it,
   * so it lives for the longest ttl of any client. A longer life only fills servers.
   */
  get counterGrace(): number {
    return Math.min(CLOCK_SKEW + this.#process.longestTtl, MAX_COUNTER_GRACE);
  }

  /** Takes note of a time for which nodes are asked to keep something, in ms. */
  note(ms: number): void {
    if (ms > this.#process.longestTtl) this.#process.longestTtl = ms;
    if (ms <= this.#reported) return;
    this.#reported = ms;
    this.#onExceeded(ms);
  }
}
