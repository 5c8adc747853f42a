import { notConnected, type Failure } from '../protocol/outcome.js';
import type { GuardedNode } from './guarded-node.js';
import { Identity } from './identity/identity.js';
import { Quarantine } from './identity/quarantine.js';
import type { LinkContext } from './link-context.js';

/** The connection of one node's client, and the servers behind it. */
export class Connection {
  /** null: every node is trusted to keep all writes. */
  readonly identity: Identity | null;
  readonly #node: GuardedNode;
  readonly #onConnected: () => void;
  #number = 0;
  #stopListening: (() => void) | null = null;
  #isGone = false;

  /** @param onConnected is called each time the client is connected, for the first time or again */
  constructor(
    node: GuardedNode,
    { runtime, quarantine, runIds, events }: LinkContext,
    onConnected: () => void,
  ) {
    this.#node = node;
    this.#onConnected = onConnected;
    this.identity =
      quarantine &&
      new Identity(
        node,
        runIds,
        new Quarantine(node.name, node.client, runtime, quarantine, events),
      );
  }

  /**
   * Counts connections. If a command was not answered on the connection on which it was written, it may be executed
   * again, or later.
   */
  get number(): number {
    return this.#number;
  }

  /** Begins to notice connections. The earlier a server is seen, the fewer restarts go unnoticed. */
  open(): void {
    this.identity?.require();
    this.#listen();
  }

  stopListening(): void {
    this.#stopListening?.();
    this.#stopListening = null;
  }

  /** Whether commands can be written, and a new connection would be noticed. */
  get isUsable(): boolean {
    return this.#listen() && this.#node.ready;
  }

  /** Whether the connection was closed together with the Redlock, so that it never comes back. */
  get isGone(): boolean {
    return this.#isGone && !this.#node.ready;
  }

  /**
   * Why no vote of the node would count now; `undefined` if votes count. A quarantine is no reason, because it passes.
   */
  get doubt(): Failure | undefined {
    if (!this.#node.ready) return notConnected(this.#node.lastError);
    return this.identity?.doubtConnection();
  }

  /** Closes a client that the adapter made. */
  async close(): Promise<void> {
    this.#isGone = this.#node.isOwned;
    await this.#node.close();
  }

  /**
   * @returns false if the adapter tells of no connections. Then nothing may be asked of the node, because another
   * server could take the place of this one unnoticed.
   */
  #listen(): boolean {
    this.#stopListening ??= this.#node.onReady(this.#connected);
    return this.#stopListening !== null;
  }

  readonly #connected = (): void => {
    this.#number++;
    this.identity?.reconnected(this.#number);
    this.#onConnected();
  };
}
