import type { AcquireOptions } from '../core.js';
import type { ClientProcess } from '../world/process.js';

/** By default, as the core has them, in ms. */
const RETRY_DELAY = 200;
const RETRY_JITTER = 100;

/** A call that waits for a lock. */
export class Wait {
  readonly retryDelay: number;
  /** After this, in ms, another try follows one that too few nodes have answered. */
  readonly longestRetry: number;
  /** On the monotonic clock of the process. */
  readonly deadline: number;

  constructor(
    readonly process: ClientProcess,
    /** When it began, in true time. */
    readonly since: number,
    { wait = Infinity, retryDelay = RETRY_DELAY, retryJitter = RETRY_JITTER }: AcquireOptions,
  ) {
    this.retryDelay = retryDelay;
    this.longestRetry = retryDelay + retryJitter;
    this.deadline = process.mono.read() + wait;
  }

  get isOver(): boolean {
    return this.process.mono.read() >= this.deadline;
  }
}
