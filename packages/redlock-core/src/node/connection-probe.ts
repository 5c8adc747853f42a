import type { Connection } from './connection.js';
import type { Drain } from './drain.js';
import type { GuardedNode } from './guarded-node.js';
import type { Response } from './response.js';

/** Whether the votes of one node would count now. A quarantine does not matter, because it passes. */
export class ConnectionProbe {
  readonly #index: number;
  readonly #node: GuardedNode;
  readonly #connection: Connection;
  readonly #drain: Drain;
  /** Resolves when the next connection is there, or when the Redlock is closed. */
  #coming: Promise<void> | null = null;
  #come: () => void = () => {};

  constructor(index: number, node: GuardedNode, connection: Connection, drain: Drain) {
    this.#index = index;
    this.#node = node;
    this.#connection = connection;
    this.#drain = drain;
  }

  /** Resolves when the node is connected and its identity is known and beyond doubt, or when the Redlock is closed. */
  async connected(): Promise<void> {
    const { identity } = this.#connection;
    while (!this.#drain.hasBegun) {
      if (!this.#node.ready) this.#node.connect();
      else {
        identity?.require();
        await identity?.answer;
      }
      if (this.#connection.doubt === undefined) return;
      this.#coming ??= new Promise((resolve) => (this.#come = resolve));
      await this.#coming;
    }
  }

  /** There is a connection, or there will be none: {@link connected} goes on. */
  wake(): void {
    this.#come();
    this.#coming = null;
  }

  /**
   * The result as a vote. `granted`: the node's votes would count.
   * @param ms for how long the caller has waited for that
   */
  response(ms: number): Response<void> {
    const failed = this.#connection.doubt;
    const { name } = this.#node;
    const vote = failed ? 'failed' : 'granted';
    return { index: this.#index, node: name, vote, error: failed?.error, ms };
  }
}
