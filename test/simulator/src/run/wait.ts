import type { AcquireOptions } from '../core.js';
import type { ClientProcess } from '../world/process.js';

/** By default, as the core has it, in ms. */
const POLL_INTERVAL = 200;
/** While notifications work, this many poll intervals lie between two polls, or this many ms, whichever is less. */
const INTERVALS = 5;
const LONGEST_POLL = 1000;
/** The random part of a poll, of the poll while notifications work, and of the interval where they do not. */
const VARIATION = 0.1;
const RANDOM_PART = 0.5;

/** A call that waits for a lock. */
export class Wait {
  readonly pollInterval: number;
  /** On the monotonic clock of the process. */
  readonly deadline: number;

  constructor(
    readonly process: ClientProcess,
    /** All that it wants; of a semaphore, the keys of all permits that it may use, of which it wants one. */
    readonly resources: readonly string[],
    readonly since: number,
    { wait = Infinity, pollInterval = POLL_INTERVAL }: AcquireOptions,
  ) {
    this.pollInterval = pollInterval;
    this.deadline = process.mono.read() + wait;
  }

  get isOver(): boolean {
    return this.process.mono.read() >= this.deadline;
  }

  /** The usual time between two polls of a process that is notified, in ms. */
  get usualPoll(): number {
    const { pollInterval } = this;
    return Math.max(Math.min(INTERVALS * pollInterval, LONGEST_POLL), pollInterval);
  }

  get longestPoll(): number {
    return this.usualPoll * (1 + VARIATION);
  }

  /** The longest of a process that may not be notified, in ms. */
  get longestUnheardPoll(): number {
    return Math.max(this.longestPoll, this.pollInterval * (1 + RANDOM_PART));
  }
}
