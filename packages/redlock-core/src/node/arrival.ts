import type { NodeTimeout } from './node-timeout.js';
import type { Round } from './round.js';

/**
 * A process that stands still as its wait ends has not waited, however late it is: it makes up for that time, so often.
 * A connection needs several turns of the event loop, and none comes meanwhile.
 */
const STANDSTILLS = 10;

/** What waits for a node's connection, written to nobody yet. */
export class Arrival {
  readonly #timeout: NodeTimeout;
  readonly #waiting = new Map<Round, () => void>();
  #overdue = false;
  #coming: Promise<void> | null = null;
  #come: () => void = () => {};

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

  /** Resolves when the next connection has come, or none is waited for any more. */
  get coming(): Promise<void> {
    return (this.#coming ??= new Promise((resolve) => (this.#come = resolve)));
  }

  /**
   * Waits for a connection that is being made; for one that has been refused, no longer than for a reply.
   * @returns in ms how long it was waited for in vain, as far as the process ran; 0: it has come
   */
  async waitedFor(round: Round, isRefused: () => boolean): Promise<number> {
    const ended = new Promise<true>((resolve) => {
      this.#waiting.set(round, () => resolve(true));
    });
    const { operation } = round;
    let waited = this.#timeout.of(operation.ttl);
    await this.#wait(round, ended, waited);
    if (this.#waiting.has(round) && !isRefused()) {
      waited = this.#timeout.allowance(operation);
      await this.#wait(round, ended, waited);
    }
    if (!this.#waiting.delete(round)) return 0;
    this.#overdue = true;
    return waited;
  }

  /** It has come, or is not waited for any more. Returns those that did. */
  end(): Round[] {
    this.#overdue = false;
    this.#come();
    this.#coming = null;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const [, end] of waiting) end();
    return waiting.map(([round]) => round);
  }

  /** @param ms from the round's start */
  async #wait(round: Round, ended: Promise<true>, ms: number): Promise<void> {
    let end = ms;
    for (let times = 0; times < STANDSTILLS && this.#waiting.has(round); times++) {
      await this.#timeout.limit(ended, this.#timeout.leftOf(end, round));
      const late = -this.#timeout.leftOf(end, round);
      if (late < ms / STANDSTILLS) return;
      end += late + Math.min(late, ms);
    }
  }
}
