import type { NodeTimeout } from './node-timeout.js';
import type { Round } from './round.js';

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

  /** False: it has not come within the round's time. */
  async waitedFor(round: Round): Promise<boolean> {
    const ended = new Promise<true>((resolve) => {
      this.#waiting.set(round, () => resolve(true));
    });
    await this.#timeout.limit(ended, this.#timeout.left(round));
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
