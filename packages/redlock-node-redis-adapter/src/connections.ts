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
 * The connections of a deployment's clients: tells of each, and ends what waited for it. Hears of their
 * events once for all nodes that are made of the client.
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
  /** To connect, one after another. */
  #failures = 0;

  private constructor(client: AnyClient) {
    this.#client = client;
    this.deployment = deploymentOf(client);
    this.#hearErrors(client);
    this.watch();
  }

  /** Why the deployment is not ready. */
  get lastError(): unknown {
    return this.deployment.isReady ? undefined : this.#lastError.value;
  }

  /**
   * For commands that are given now. Aborted before anything is written on the next connection: what was
   * given to the client before, and not written, is not to be written at all.
   */
  get options(): CommandOptions {
    return { abortSignal: this.#current.signal, timeout: 0, typeMapping: {} };
  }

  onEstablished(given: () => void): () => void {
    // One of its own, so that it can be there twice.
    const listener = (): void => given();
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Masters come and go, each with a client of its own. */
  watch(): void {
    for (const server of this.deployment.servers()) {
      if (this.#watched.has(server)) continue;
      this.#watched.add(server);
      server.on('connect', () => this.#lastError.connecting());
      server.on('ready', () => this.#established());
      // That of a standalone server is heard already.
      if (server !== this.#client) this.#hearErrors(server);
      watchHandshake(server);
      if (server.isReady) this.#established();
    }
  }

  /**
   * Connects a client that does not try any more by itself, or has not begun to: once at a time, and not
   * as often as locks are asked for.
   */
  async connect(): Promise<void> {
    if (this.#connecting) return;
    this.#connecting = true;
    try {
      await this.deployment.connect();
      this.#failures = 0;
      this.watch();
    } catch (error) {
      // Where there has been no event.
      if (!this.#lastError.value) this.#lastError.saw(error);
      const pause = Math.min(50 * 2 ** this.#failures++, LONGEST_PAUSE);
      await sleep(pause, null, { ref: false });
    }
    this.#connecting = false;
  }

  #hearErrors(client: AnyClient): void {
    const emitter = client as unknown as EventEmitter;
    // Listens as a monitor only: errors that nobody else listens to end the process, as without the adapter.
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

/** A client that is not ready tries by itself, and would go on beside the new connection. */
export function reconnect(server: NodeRedisClient): void {
  if (!server.isReady) return;
  server.destroy();
  // Failures reach the client's own `error` listeners, and it tries again by itself.
  server.connect().catch(() => {});
}
