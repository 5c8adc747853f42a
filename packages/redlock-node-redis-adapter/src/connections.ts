import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CommandOptions, NodeRedisClient } from './client.js';
import type { Deployment } from './deployment.js';

/** How long a client may take to greet the server, in ms. */
const HANDSHAKE = 2000;

/** The connections of a deployment's clients: tells of each, and ends what waited for it. */
export class Connections {
  readonly #deployment: Deployment;
  readonly #listeners = new Set<() => void>();
  readonly #watched = new WeakSet<NodeRedisClient>();
  #current = new AbortController();

  constructor(deployment: Deployment) {
    this.#deployment = deployment;
    this.watch();
  }

  /**
   * For commands that are given now. Aborted before anything is written on the next connection: what was
   * given to the client before, and not written, is not to be written at all.
   */
  get options(): CommandOptions {
    return { abortSignal: this.#current.signal, timeout: 0, typeMapping: {} };
  }

  onEstablished(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Masters come and go, each with a client of its own. */
  watch(): void {
    for (const server of this.#deployment.servers()) {
      if (this.#watched.has(server)) continue;
      this.#watched.add(server);
      server.on('ready', () => this.#established());
      server.on('connect', () => void this.#isGreeted(server));
      if (server.isReady) this.#established();
    }
  }

  /** A client of version 5 whose connection ends before it is ready waits for that for ever. */
  async #isGreeted(server: NodeRedisClient): Promise<void> {
    await sleep(HANDSHAKE, null, { ref: false });
    if (server.isOpen && !server.isReady) reconnect(server);
  }

  #established(): void {
    this.#current.abort();
    this.#current = new AbortController();
    setMaxListeners(0, this.#current.signal);
    for (const listener of this.#listeners) listener();
  }
}

export function reconnect(server: NodeRedisClient): void {
  server.destroy();
  // Failures reach the client's own `error` listeners, and it tries again by itself.
  server.connect().catch(() => {});
}
