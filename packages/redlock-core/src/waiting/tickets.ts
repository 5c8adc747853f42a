import type { Runtime } from '../time/runtime.js';

/** For how long a ticket tells what the clock of the nodes says, in ms. */
const VALID_FOR = 10_000;

/**
 * Estimates tickets of waiters that have not asked the nodes yet. A ticket is the time at which its waiter arrived, by the
 * clock of the node that is ahead of all others. So one ticket that the nodes gave tells what they would give to others.
 */
export class Tickets {
  readonly #runtime: Pick<Runtime, 'now'>;
  /** What the clock of that node was ahead of the monotonic clock, in microseconds. */
  #ahead = 0;
  #notedAt = -Infinity;

  constructor(runtime: Pick<Runtime, 'now'>) {
    this.#runtime = runtime;
  }

  /**
   * Takes note of a ticket that the nodes gave.
   * @param arrival of its waiter, on the monotonic clock
   */
  note(ticket: number, arrival: number): void {
    this.#ahead = ticket - arrival * 1000;
    this.#notedAt = this.#runtime.now();
  }

  /**
   * The ticket of a waiter, in microseconds; null: unknown.
   * @param arrival on the monotonic clock
   */
  estimate(arrival: number): number | null {
    const isValid = this.#runtime.now() - this.#notedAt <= VALID_FOR;
    return isValid ? Math.round(this.#ahead + arrival * 1000) : null;
  }
}
