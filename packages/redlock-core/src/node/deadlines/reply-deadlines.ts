import type { Batch } from '../command-queue.js';
import type { Round } from '../round.js';
import type { NodeTimeout } from './node-timeout.js';

/** Ends the wait for replies of one node that do not come in time. */
export class ReplyDeadlines {
  readonly #timeout: NodeTimeout;
  readonly #isAwaited: (round: Round) => boolean;
  readonly #onLate: (round: Round, batch: Batch, ms: number) => void;

  /**
   * @param isAwaited whether the node has not voted in a round yet
   * @param onLate is called with a round whose reply is late, and with the time that the round waited, in ms
   */
  constructor(
    timeout: NodeTimeout,
    isAwaited: (round: Round) => boolean,
    onLate: (round: Round, batch: Batch, ms: number) => void,
  ) {
    this.#timeout = timeout;
    this.#isAwaited = isAwaited;
    this.#onLate = onLate;
  }

  /**
   * Perf: timers per command. One timer for the batch runs until the earliest deadline in it. Each operation still
   * fails at its own.
   */
  async watch(batch: Batch, rounds = batch.rounds): Promise<void> {
    const awaited = rounds.filter(this.#isAwaited);
    if (awaited.length === 0) return;
    const left = Math.min(...awaited.map((round) => this.#timeout.left(round)));
    if (await this.#timeout.limit(batch.sent, left)) return;
    for (const round of awaited) {
      if (this.#timeout.left(round) <= 0) this.#onLate(round, batch, this.#timeout.ofRound(round));
    }
    await this.watch(batch, awaited);
  }
}
