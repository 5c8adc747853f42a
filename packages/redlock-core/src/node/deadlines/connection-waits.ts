import type { NodeTimeout } from './node-timeout.js';
import type { Round } from '../round.js';

/**
 * If the process stands still while a wait ends, the wait goes on for the time that was lost, at most this often. A
 * connection needs several turns of the event loop, and none happens during a standstill.
 */
const STANDSTILLS = 10;

/** Rounds that wait for a node's connection. Nothing of them was written. */
export class ConnectionWaits {
  readonly #timeout: NodeTimeout;
  readonly #waiting = new Map<Round, () => void>();
  /** Rounds whose caller has no time for more than the timeout of a reply. */
  readonly #hurried = new WeakSet<Round>();
  #overdue = false;

  constructor(timeout: NodeTimeout) {
    this.#timeout = timeout;
  }

  /**
   * A round has waited in vain, so later rounds do not wait. If they did, they would keep the grants of other nodes
   * from their contenders meanwhile.
   */
  get isOverdue(): boolean {
    return this.#overdue;
  }

  /**
   * Waits for a connection that is being made. If the connection has been refused, the wait is no longer than for a
   * reply.
   * @returns how long the wait was in vain, in ms, without standstills of the process; 0: the connection is there
   */
  async waitedFor(round: Round, isRefused: () => boolean): Promise<number> {
    const ended = new Promise<true>((resolve) => {
      this.#waiting.set(round, () => resolve(true));
    });
    const { operation } = round;
    let waited = this.#timeout.of(operation);
    await this.#wait(round, ended, waited);
    const allowance = this.#timeout.allowance(operation);
    const isHurried = this.#hurried.has(round);
    if (this.#waiting.has(round) && allowance > waited && !isHurried && !isRefused()) {
      waited = allowance;
      await this.#wait(round, ended, waited);
    }
    if (!this.#waiting.delete(round)) return 0;
    // A caller that had little time shows nothing of the connection.
    if (this.#hurried.has(round)) return waited;
    this.#overdue = true;
    return waited;
  }

  /**
   * Lets a round wait no longer than for a reply.
   * @returns whether it has waited as long already; then it waits no more
   */
  hurry(round: Round): boolean {
    if (!this.#waiting.has(round)) return false;
    this.#hurried.add(round);
    if (this.#timeout.leftOf(this.#timeout.of(round.operation), round) > 0) return false;
    return this.end(round);
  }

  /**
   * Ends the wait of a round.
   * @returns whether it was waiting
   */
  end(round: Round): boolean {
    const end = this.#waiting.get(round);
    this.#waiting.delete(round);
    end?.();
    return end !== undefined;
  }

  /** Ends all waits, and returns the rounds that were still waiting. */
  endAll(): Round[] {
    this.#overdue = false;
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
