import type { ClusterMasters, RedisNode } from '../redis-node.js';

type Listener = () => void;

/**
 * A node whose adapter cannot disturb the core: an error that one of its members throws is a failure of this node, and
 * of nothing else.
 */
export class GuardedNode {
  readonly name: string;
  readonly timeout: number | undefined;
  /** Whether the node is a Cluster. */
  readonly cluster: boolean;
  readonly keyPrefix: string;
  /** The object that identifies the connection. */
  readonly client: object;
  readonly #node: RedisNode;
  readonly #masters: ClusterMasters | undefined;
  /** The latest error of a member that reports on the connection: a mistake in the adapter. */
  #mistake: unknown;

  constructor(node: RedisNode) {
    const { name, timeout, cluster, keyPrefix = '', client } = node;
    this.name = name;
    this.timeout = timeout;
    this.cluster = Boolean(cluster);
    this.#masters = cluster;
    this.keyPrefix = keyPrefix;
    this.client = typeof client === 'object' && client !== null ? client : node;
    this.#node = node;
  }

  get ready(): boolean {
    try {
      return this.#node.ready;
    } catch (error) {
      this.#mistake = error;
      return false;
    }
  }

  /** Why the node is not ready, if the adapter knows. */
  get lastError(): unknown {
    return attempt(() => this.#node.lastError) ?? this.#mistake;
  }

  get subscribes(): boolean {
    return typeof this.#node.subscribe === 'function';
  }

  /** Whether closing the Redlock closes the node's client. */
  get isOwned(): boolean {
    return typeof this.#node.close === 'function';
  }

  /** Sends a command and resolves with its reply. Rejects also if the adapter throws. */
  call(args: readonly string[]): Promise<unknown> {
    // Perf: latency, alone. Without the closure that `promised` would need.
    try {
      return Promise.resolve(this.#node.call(args));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Resolves with the reply of the server, or, of a Cluster, with those of all masters: {@link serverReplies}. */
  callServers(args: readonly string[]): Promise<unknown> {
    return promised(() =>
      this.#masters ? this.#masters.callMasters(args) : this.#node.call(args),
    );
  }

  /** The replies in what {@link callServers} has resolved with. Making the list there would take a promise more. */
  serverReplies(reply: unknown): readonly unknown[] {
    return this.#masters ? (reply as readonly unknown[]) : [reply];
  }

  connect(): void {
    const connecting: unknown = this.#noticed(() => this.#node.connect());
    // A function that returns a promise passes for one that returns nothing. Its rejection would be unhandled.
    if (connecting instanceof Promise) connecting.catch(() => {});
  }

  /**
   * @returns a function that ends the notices; null: the adapter reports no connection, so nothing may be sent to the
   * node
   */
  onReady(listener: Listener): Listener | null {
    const end = this.#noticed(() => {
      const given: unknown = this.#node.onReady(listener);
      if (typeof given === 'function') return given;
      throw new TypeError('onReady must return a function that ends the notices');
    });
    return end ? () => void attempt(() => end()) : null;
  }

  /**
   * Listens to a channel. Without subscriptions of the node, the listener is never called.
   * @returns a function that ends the subscription
   */
  subscribe(channel: string, listener: (message?: string) => void, lost: Listener): Listener {
    const end = attempt(() => this.#node.subscribe?.(channel, listener, lost));
    return () => attempt(() => end?.());
  }

  masterOf(slot: number): string | undefined {
    return attempt(() => this.#masters?.masterOf(slot));
  }

  /** @param master the unresponsive master of a Cluster, as returned by `masterOf` */
  reconnect(master: string): void {
    attempt(() => (this.#masters ? this.#masters.reconnect?.(master) : this.#node.reconnect?.()));
  }

  /** Never rejects: whatever else is to be closed must not depend on this client. */
  async close(): Promise<void> {
    try {
      await this.#node.close?.();
    } catch (error) {
      this.#mistake = error;
    }
  }

  /** Remembers the error of a member that reports on the connection. */
  #noticed<T>(act: () => T): T | undefined {
    try {
      return act();
    } catch (error) {
      this.#mistake = error;
      return undefined;
    }
  }
}

/** Adds no promise to the adapter's own: one more would change the order in which replies are handled. */
function promised(act: () => Promise<unknown>): Promise<unknown> {
  try {
    return Promise.resolve(act());
  } catch (error) {
    return Promise.reject(error);
  }
}

function attempt<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}
