import type { ClientInternals, IoredisClient, IoredisSubscriber } from './client.js';

/** A connection on which nothing was heard for twice as long, in ms, is replaced. */
const PING_INTERVAL = 5000;

type Listener = (message?: string) => void;

/** A node's subscriptions, on a connection of their own that is open while there are any. */
export class Subscriber {
  readonly #client: IoredisClient;
  readonly #channels = new Map<string, Set<Listener>>();
  #connection: IoredisSubscriber | null = null;
  #pings: NodeJS.Timeout | null = null;
  #heard = true;

  /** @param client whose options the connection has */
  constructor(client: IoredisClient) {
    this.#client = client;
  }

  subscribe(channel: string, given: Listener): () => void {
    // One of its own, so that it can be there twice.
    const listener: Listener = (message) => given(message);
    const listeners = this.#channels.get(channel) ?? new Set();
    this.#channels.set(channel, listeners.add(listener));
    if (!this.#connection) this.#open();
    else this.#establish(channel, [listener]);
    return () => {
      if (!listeners.delete(listener) || listeners.size > 0) return;
      this.#channels.delete(channel);
      this.#end(channel);
    };
  }

  #open(): void {
    const connection = duplicate(this.#client);
    this.#connection = connection;
    // The core learns of trouble by its commands; ioredis would print it.
    connection.on('error', () => {});
    connection.on('ready', () => {
      this.#heard = true;
      for (const [channel, listeners] of this.#channels) this.#establish(channel, [...listeners]);
    });
    connection.on('message', (channel, message) => {
      this.#heard = true;
      for (const listener of this.#channels.get(channel) ?? []) listener(message);
    });
    this.#pings = setInterval(() => this.#ping(), PING_INTERVAL);
    this.#pings.unref();
  }

  #establish(channel: string, listeners: readonly Listener[]): void {
    if (this.#connection?.status !== 'ready') return;
    this.#connection.subscribe(channel).then(
      () => {
        // Meanwhile they may have ended.
        const current = this.#channels.get(channel);
        for (const listener of listeners) if (current?.has(listener)) listener();
      },
      // It is tried again on the next connection.
      () => {},
    );
  }

  #end(channel: string): void {
    if (this.#channels.size > 0) {
      this.#connection?.unsubscribe(channel).catch(() => {});
      return;
    }
    this.#connection?.disconnect();
    this.#connection = null;
    if (this.#pings) clearInterval(this.#pings);
  }

  #ping(): void {
    if (this.#connection?.status !== 'ready') return;
    if (!this.#heard) {
      this.#connection.disconnect(true);
      return;
    }
    this.#heard = false;
    this.#connection.ping().then(
      () => (this.#heard = true),
      () => {},
    );
  }
}

function duplicate(client: IoredisClient): IoredisSubscriber {
  // They are made again here, to tell the core when.
  const options = { autoResubscribe: false, lazyConnect: false };
  const internals = client as unknown as ClientInternals;
  return client.isCluster ? internals.duplicate([], options) : internals.duplicate(options);
}
