import type { CleanUp } from './cleanup/clean-up.js';
import type { Connection } from './connection.js';
import type { NodeTimeout } from './deadlines/node-timeout.js';
import type { GuardedNode } from './guarded-node.js';

/**
 * Lets operations end when the Redlock closes. Through a client that stays open, releases that are owed still follow,
 * so its connections are noticed until nothing is owed.
 */
export class Drain {
  readonly #node: GuardedNode;
  readonly #connection: Connection;
  readonly #cleanUp: CleanUp;
  readonly #timeout: NodeTimeout;
  #begun = false;
  /** Called when all releases that were asked for are answered. */
  #onReleased: (() => void) | null = null;

  constructor(node: GuardedNode, connection: Connection, cleanUp: CleanUp, timeout: NodeTimeout) {
    this.#node = node;
    this.#connection = connection;
    this.#cleanUp = cleanUp;
    this.#timeout = timeout;
  }

  /** Whether the Redlock is closed, or is closing. */
  get hasBegun(): boolean {
    return this.#begun;
  }

  begin(): void {
    this.#begun = true;
    this.check();
  }

  /** Resolves when all releases that were asked for are answered, or after a node timeout. */
  async released(): Promise<void> {
    if (this.#cleanUp.releasing === 0) return;
    const released = new Promise<void>((resolve) => (this.#onReleased = resolve));
    await this.#timeout.limit(released, this.#timeout.of({ kind: 'release', ttl: Infinity }));
  }

  /** Called when an operation has ended: it may have been the last one. */
  check(): void {
    if (this.#cleanUp.releasing === 0) this.#onReleased?.();
    if (this.#begun && (this.#node.isOwned || this.#cleanUp.isDone)) {
      this.#connection.stopListening();
    }
  }
}
