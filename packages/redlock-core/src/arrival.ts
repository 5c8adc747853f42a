import type { NodeTimeout } from './node-timeout.js';
import type { Round } from './round.js';

/**
 * A wait for a connection is counted in this many parts. A connection needs several turns of the event loop, and
 * none comes while the process stands still: however long that lasts, it uses up one part only.
 */
const PARTS = 10;

/** What waits for a node's connection, written to nobody yet. */
export class Arrival {
  readonly #timeout: NodeTimeout;
  readonly #waiting = new Map<Round, () => void>();
  #overdue = false;

  constructor(timeout: NodeTimeout) {
    this.#timeout = timeout;
  }

  /**
   * A round has waited in vain; the next ones do not. Else contenders hold on to what they got of the
   * other nodes while they wait for this one.
   */
  get isOverdue(): boolean {
    return this.#overdue;
  }

  /** False: it has not come within the round's time, as far as the process ran in it. */
  async waitedFor(round: Round): Promise<boolean> {
    const ended = new Promise<true>((resolve) => {
      this.#waiting.set(round, () => resolve(true));
    });
    const part = Math.ceil(this.#timeout.left(round) / PARTS);
    for (let parts = 0; parts < PARTS && this.#waiting.has(round); parts++) {
      await this.#timeout.limit(ended, part);
    }
    if (!this.#waiting.delete(round)) return true;
    this.#overdue = true;
    return false;
  }

  /** It has come, or is not waited for any more. Returns those that did. */
  end(): Round[] {
    this.#overdue = false;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const [, end] of waiting) end();
    return waiting.map(([round]) => round);
  }
}
