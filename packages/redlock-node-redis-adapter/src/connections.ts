import { type EventEmitter, errorMonitor, setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { LastError, perClient } from 'redlock-core/adapter';
import type { AnyClient, CommandOptions, NodeRedisClient } from './client.js';
import type { Deployment } from './deployment.js';
import { deploymentOf } from './deployment-of.js';
import { watchHandshake } from './handshake.js';
import { reasonOf } from './reason.js';

/** The longest pause between two tries to connect, in ms. */
const LONGEST_PAUSE = 1000;

/**
 * The connections of a deployment's clients. It tells of each new one, and ends commands that waited for it. It listens
 * to the clients' events once for all nodes that are made of the client.
 */
export class Connections {
  static readonly of = perClient((client: AnyClient) => new Connections(client));

  readonly deployment: Deployment;
  readonly #client: AnyClient;
  readonly #listeners = new Set<() => void>();
  readonly #watched = new WeakSet<NodeRedisClient>();
  readonly #lastError = new LastError('Socket closed unexpectedly');
  #current = new AbortController();
  #connecting = false;
  /** How many tries to connect have failed, one after another. */
  #failures = 0;

  private constructor(client: AnyClient) {
    this.#client = client;
    this.deployment = deploymentOf(client);
    this.#hearErrors(client);
    this.watch();
  }

  /** Why the deployment is not ready; `undefined` if it is. */
  get lastError(): unknown {
    return this.deployment.isReady ? undefined : this.#lastError.value;
  }

  /**
   * The options for commands that are given now. Their signal aborts before anything is written on the next connection,
   * so that commands which the client was given before, and has not written, are never written.
   */
  get options(): CommandOptions {
    return { abortSignal: this.#current.signal, timeout: 0, typeMapping: {} };
  }

  onEstablished(given: () => void): () => void {
    // A function of its own for each call, so that one listener can be added twice.
    const listener = (): void => given();
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Listens to masters that are new. Masters come and go, each with a client of its own. */
  watch(): void {
    for (const server of this.deployment.servers()) {
      if (this.#watched.has(server)) continue;
      this.#watched.add(server);
      server.on('connect', () => this.#lastError.connecting());
      server.on('ready', () => this.#established());
      // The errors of a standalone server are heard already.
      if (server !== this.#client) this.#hearErrors(server);
      watchHandshake(server);
      if (server.isReady) this.#established();
    }
  }

  /**
   * Connects a client that has not begun to connect or has given up. It does so once at a time, and less often than
   * locks are asked for.
   */
  async connect(): Promise<void> {
    if (this.#connecting) return;
    this.#connecting = true;
    try {
      await this.deployment.connect();
      this.#failures = 0;
      this.watch();
    } catch (error) {
      // Some failures make no event.
      if (!this.#lastError.value) this.#lastError.saw(error);
      const pause = Math.min(50 * 2 ** this.#failures++, LONGEST_PAUSE);
      await sleep(pause, null, { ref: false });
    }
    this.#connecting = false;
  }

  #hearErrors(client: AnyClient): void {
    const emitter = client as unknown as EventEmitter;
    // Listen as a monitor only: errors to which nobody else listens still end the process, as they do without the
    // adapter.
    emitter.on(errorMonitor, (error: unknown) => this.#lastError.saw(reasonOf(error)));
  }

  #established(): void {
    this.#lastError.connected();
    this.#current.abort();
    this.#current = new AbortController();
    setMaxListeners(0, this.#current.signal);
    for (const listener of this.#listeners) listener();
  }
}

/**
 * Replaces the connection of a server. A client that is not ready tries by itself, and would go on beside the new
 * connection.
 */
export function reconnect(server: NodeRedisClient): void {
  if (!server.isReady) return;
  server.destroy();
  // The client's own `error` listeners hear of failures, and the client tries again by itself.
  server.connect().catch(() => {});
}
