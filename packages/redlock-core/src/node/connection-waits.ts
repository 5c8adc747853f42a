import type { Failure } from '../protocol/replies.js';
import { Pause } from '../time/pause.js';
import type { Runtime } from '../time/runtime.js';
import type { GuardedNode } from './guarded-node.js';
import { notConnected } from './failures.js';
import type { RequestTerms } from './request.js';

/** If the process pauses while a request waits for a connection, the wait is prolonged by the pause, at most this often. */
const MAX_STANDSTILLS = 10;

/** The waits for the connection of one node. */
export class ConnectionWaits {
  readonly #node: GuardedNode;
  readonly #runtime: Runtime;
  #waiting: (() => void)[] = [];
  /**
   * A request has waited, and there was no connection. If later ones waited too, they would keep the grants of other nodes
   * from their contenders.
   */
  #isOverdue = false;
  #isClosed = false;

  constructor(node: GuardedNode, runtime: Runtime) {
    this.#node = node;
    this.#runtime = runtime;
  }

  /** Resolves when there is the next connection, when the limit has passed, or when the Redlock is closed. */
  async next(limit: Pause): Promise<void> {
    let stop!: () => void;
    const connected = new Promise<void>((resolve) => this.#waiting.push((stop = resolve)));
    await Promise.race([connected, limit.over]);
    this.#waiting = this.#waiting.filter((each) => each !== stop);
  }

  /** Ends all waits, because a connection exists. */
  end(): void {
    this.#isOverdue = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const end of waiting) end();
  }

  /** There will be no connection that anybody waits for. */
  close(): void {
    this.#isClosed = true;
    this.end();
  }

  /**
   * Waits for a connection that is being made.
   * @param timeout how long a reply may take, in ms
   * @returns why there is none; `undefined`: there is one
   */
  async wait(terms: RequestTerms, timeout: number): Promise<Failure | undefined> {
    const node = this.#node;
    node.connect();
    if (this.#isOverdue) return notConnected(node.lastError);
    let waited = timeout;
    await this.#waitUntil(terms.start + waited, waited);
    // A connection that was refused is not waited for any longer than a reply.
    if (!node.ready && terms.allowance > waited && node.lastError === undefined) {
      waited = terms.allowance;
      await this.#waitUntil(terms.start + waited, waited);
    }
    if (node.ready) return undefined;
    if (this.#isClosed) return notConnected(node.lastError);
    // The timeout of a caller that had little time says nothing about the connection.
    if (!terms.isShort) this.#isOverdue = true;
    return notConnected(node.lastError, ` within ${Math.ceil(waited)} ms`);
  }

  /** A connection needs several turns of the event loop, and none happens while the process pauses. */
  async #waitUntil(until: number, ms: number): Promise<void> {
    let end = until;
    let standstills = 0;
    while (standstills < MAX_STANDSTILLS && !this.#node.ready && !this.#isClosed) {
      const pause = new Pause(Math.max(end - this.#runtime.now(), 0), this.#runtime, []);
      const stop = (): void => pause.end();
      this.#waiting.push(stop);
      await pause.over;
      this.#waiting = this.#waiting.filter((each) => each !== stop);
      const isOver = this.#runtime.now() >= end;
      if (isOver) await new Promise<void>((resolve) => this.#runtime.afterSockets(resolve));
      const late = this.#runtime.now() - end;
      // An adapter reports a connection before it is ready, while a database is selected for example.
      if (late < 0) continue;
      if (late < ms / MAX_STANDSTILLS) return;
      end += late + Math.min(late, ms);
      standstills++;
    }
  }
}
