import { setTimeout as sleep } from 'node:timers/promises';
import { describeError } from '../protocol/errors.js';
import type { ClusterMasters, RedisNode } from '../redis-node.js';
import type { ErrorData } from '../vote.js';
import { type NodeOptions, nodeOptionsOf } from './node-options.js';
import { Subscriptions, type OpenSubscriber } from './subscriptions.js';

/** How an adapter uses one client. The members mean what they mean in `RedisNode`. */
export interface NodeConnection {
  /** The name of nodes that are given none. Must not contain credentials. */
  readonly name: string;
  readonly keyPrefix?: string | undefined;
  readonly cluster?: ClusterMasters | undefined;
  readonly ready: boolean;
  call(args: readonly string[]): Promise<unknown>;
  /**
   * Connects a client that connects lazily. If this throws or rejects, that is why the node is not ready. Called once at a
   * time, and after failures at most once a second.
   */
  connect?(): unknown;
  reconnect?(): void;
  /** Opens a connection for subscriptions. Without this member, waiters poll. */
  readonly openSubscriber?: OpenSubscriber | undefined;
}

/** What an adapter reports about a client. Each function can be passed to the client as it is. */
export interface ConnectionReports {
  /** A connection is being made, so an error that says no more than `it has ended` is news. Optional. */
  readonly connecting: () => void;
  /** A connection has been established, for the first time or again, or a master has joined. */
  readonly established: () => void;
  /**
   * A connection has failed or ended.
   * @param isVague whether the error says no more than that: then it does not replace an earlier reason of the same
   * connection
   */
  readonly failed: (error: unknown, isVague?: boolean) => void;
  /** Whether a Redlock uses a node of the client. */
  readonly isUsed: () => boolean;
}

/**
 * Makes the factory of an adapter. It checks the options, keeps listeners, the last error and subscriptions, and calls
 * `connectionOf` once for each client, however many nodes are made of it: so a client has each listener once.
 * @param connectionOf reads the client and listens to it; throws TypeError if it is no client for this adapter
 */
export function defineNode<Client extends object>(
  connectionOf: (client: Client, reports: ConnectionReports) => NodeConnection,
): (client: Client, options?: NodeOptions) => RedisNode {
  const shared = new WeakMap<Client, SharedConnection>();
  return (client, options) => {
    const { name, timeout } = nodeOptionsOf(options);
    const own =
      shared.get(client) ?? new SharedConnection((reports) => connectionOf(client, reports));
    shared.set(client, own);
    const { connection, subscriptions } = own;
    return {
      name: name ?? connection.name,
      client,
      timeout,
      cluster: connection.cluster,
      keyPrefix: connection.keyPrefix,
      get ready() {
        return connection.ready;
      },
      get lastError() {
        return own.lastError;
      },
      call: (args) => connection.call(args),
      connect: () => void own.connect(),
      onReady: (listener) => own.listen(listener),
      reconnect: () => connection.reconnect?.(),
      ...(subscriptions && { subscribe: (...given) => subscriptions.subscribe(...given) }),
    };
  };
}

/** The longest pause after an unsuccessful attempt to connect, in ms. */
const MAX_PAUSE = 1000;

/** What all nodes of a client share. */
class SharedConnection {
  readonly connection: NodeConnection;
  readonly subscriptions: Subscriptions | undefined;
  readonly #listeners = new Set<() => void>();
  /** Plain data, because errors of clients carry the commands that have failed, and so passwords. */
  #lastError: ErrorData | undefined;
  /** Whether the error comes from a connection before the present one. */
  #isOld = true;
  /** Whether `connection` is there. An adapter may report while it makes it. */
  #isSetUp = false;
  #isConnecting = false;
  /** How many attempts to connect have failed, one after another. */
  #failures = 0;

  constructor(connectionOf: (reports: ConnectionReports) => NodeConnection) {
    this.connection = connectionOf({
      connecting: () => {
        this.#isOld = true;
      },
      established: () => this.#established(),
      failed: (error, isVague = false) => this.#failed(error, isVague),
      isUsed: () => this.#listeners.size > 0,
    });
    this.#isSetUp = true;
    const { openSubscriber } = this.connection;
    this.subscriptions = openSubscriber && new Subscriptions(openSubscriber);
  }

  /** Why the client is not connected, as far as it has said. */
  get lastError(): ErrorData | undefined {
    return this.connection.ready ? undefined : this.#lastError;
  }

  async connect(): Promise<void> {
    if (this.#isConnecting) return;
    this.#isConnecting = true;
    try {
      await this.connection.connect?.();
      this.#failures = 0;
    } catch (error) {
      // Many clients have reported the reason before.
      this.#failed(error, true);
      await sleep(Math.min(50 * 2 ** this.#failures++, MAX_PAUSE), null, { ref: false });
    }
    this.#isConnecting = false;
  }

  listen(given: () => void): () => void {
    // A function of its own for each call, so that one listener can be added twice.
    const listener = (): void => given();
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #established(): void {
    this.#isOld = true;
    // Some clients are not usable yet, for example because their database is not selected.
    if (this.#isSetUp && this.connection.ready) this.#lastError = undefined;
    for (const listener of this.#listeners) listener();
  }

  #failed(error: unknown, isVague: boolean): void {
    if (isVague && this.#lastError && !this.#isOld) return;
    this.#lastError = describeError(error);
    this.#isOld = false;
  }
}
