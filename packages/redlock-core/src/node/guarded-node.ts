import type { RedisNode } from '../redis-node.js';

type Listener = () => void;

/**
 * A node whose adapter cannot disturb the core: whatever a member of it throws is a failure of this node, and
 * of nothing else.
 */
export class GuardedNode {
  readonly name: string;
  readonly timeout: number | undefined;
  readonly cluster: boolean;
  readonly keyPrefix: string;
  readonly #node: RedisNode;

  constructor(node: RedisNode) {
    const { name, timeout, cluster = false, keyPrefix = '' } = node;
    this.name = name;
    this.timeout = timeout;
    this.cluster = cluster;
    this.keyPrefix = keyPrefix;
    this.#node = node;
  }

  get ready(): boolean {
    try {
      return this.#node.ready;
    } catch {
      return false;
    }
  }

  /** Why it is not ready, where the adapter knows. */
  get lastError(): unknown {
    return attempt(() => this.#node.lastError);
  }

  get subscribes(): boolean {
    return typeof this.#node.subscribe === 'function';
  }

  /** Closing the Redlock closes its client. */
  get isOwned(): boolean {
    return typeof this.#node.close === 'function';
  }

  /** Its masters can be asked one by one. */
  get hasMasters(): boolean {
    return typeof this.#node.callMasters === 'function';
  }

  /** Rejects where the adapter throws. */
  call(args: readonly string[]): Promise<unknown> {
    return promised(() => this.#node.call(args));
  }

  /** Resolves with the replies of all masters; of a node that has none, with the reply of its server. */
  callServers(args: readonly string[]): Promise<unknown> {
    return promised(() => this.#node.callMasters?.(args) ?? this.#node.call(args));
  }

  connect(): void {
    attempt(() => this.#node.connect());
  }

  /** @returns what ends it; null: the adapter tells of no connection, so nothing may be asked of the node */
  onReady(listener: Listener): Listener | null {
    const end = attempt(() => this.#node.onReady(listener));
    return end ? () => attempt(end) : null;
  }

  /** @returns what ends it; where there is no subscription, nothing is heard */
  subscribe(channel: string, listener: (message?: string) => void, lost: Listener): Listener {
    const end = attempt(() => this.#node.subscribe?.(channel, listener, lost));
    return () => attempt(() => end?.());
  }

  masterOf(slot: number): string | undefined {
    return attempt(() => this.#node.masterOf?.(slot));
  }

  reconnect(master: string): void {
    attempt(() => this.#node.reconnect?.(master));
  }

  async close(): Promise<void> {
    await this.#node.close?.();
  }
}

/** Without a promise more than the adapter makes: replies are handled in the order in which they come. */
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
