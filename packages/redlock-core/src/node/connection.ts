import { notConnected, type Failure } from '../protocol/outcome.js';
import type { GuardedNode } from './guarded-node.js';

/** The connection of one node's client, as far as the core looks after it. */
export class Connection {
  readonly #node: GuardedNode;
  readonly #onConnected: () => void;
  #stopListening: (() => void) | null = null;
  #isGone = false;

  /** @param onConnected is called each time the client is connected, for the first time or again */
  constructor(node: GuardedNode, onConnected: () => void) {
    this.#node = node;
    this.#onConnected = onConnected;
  }

  /**
   * @returns false if the adapter tells of no connections. Then nothing may be asked of the node, because another
   * server could take the place of this one unnoticed.
   */
  listen(): boolean {
    this.#stopListening ??= this.#node.onReady(this.#onConnected);
    return this.#stopListening !== null;
  }

  stopListening(): void {
    this.#stopListening?.();
    this.#stopListening = null;
  }

  /** Whether commands can be written, and a new connection would be noticed. */
  get isUsable(): boolean {
    return this.listen() && this.#node.ready;
  }

  /** Whether the connection was closed together with the Redlock, so that it never comes back. */
  get isGone(): boolean {
    return this.#isGone && !this.#node.ready;
  }

  /** Why the client is not connected; `undefined` if it is. */
  get failure(): Failure | undefined {
    return this.#node.ready ? undefined : notConnected(this.#node.lastError);
  }

  /** Closes a client that the adapter made. */
  async close(): Promise<void> {
    this.#isGone = this.#node.isOwned;
    await this.#node.close();
  }
}
