import type { ClientInternals, IoredisClient, IoredisSubscriber } from './client.js';

/** A connection on which nothing was heard for twice as long, in ms, is replaced. */
const PING_INTERVAL = 5000;

/** Of a Cluster, another server is tried so much later, in ms. */
const MOVE_DELAY = 100;

type Listener = (message?: string) => void;

/** A node's subscriptions, on a connection of their own that is open while there are any. */
export class Subscriber {
  readonly #client: IoredisClient;
  readonly #channels = new Map<string, Set<Listener>>();
  #connection: IoredisSubscriber | null = null;
  /** Set while there are subscriptions. */
  #pings: NodeJS.Timeout | null = null;
  #moving: NodeJS.Timeout | null = null;
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
    if (!this.#pings) this.#open();
    else this.#establish(channel, [listener]);
    return () => {
      if (!listeners.delete(listener) || listeners.size > 0) return;
      this.#channels.delete(channel);
      this.#end(channel);
    };
  }

  #open(): void {
    this.#connect();
    this.#pings = setInterval(() => this.#ping(), PING_INTERVAL);
    this.#pings.unref();
  }

  #connect(): void {
    const connection = duplicate(this.#client);
    this.#connection = connection;
    if (!connection) {
      this.#move();
      return;
    }
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
    connection.on('end', () => {
      if (this.#connection === connection) this.#move();
    });
  }

  /** A server of a Cluster is gone, or none is known yet: any other passes on every message. */
  #move(): void {
    this.#moving = setTimeout(() => this.#connect(), MOVE_DELAY);
    this.#moving.unref();
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
    if (this.#moving) clearTimeout(this.#moving);
    this.#pings = this.#moving = null;
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

/** Null: a Cluster that knows none of its servers yet. */
function duplicate(client: IoredisClient): IoredisSubscriber | null {
  // They are made again here, to tell the core when.
  const options = { autoResubscribe: false, lazyConnect: false };
  const internals = client as unknown as ClientInternals;
  if (!client.isCluster) return internals.duplicate(options);
  // Not a Cluster of its own: that would move its subscriptions from server to server and not tell.
  const servers = internals.nodes?.() ?? [];
  const server = servers[Math.floor(Math.random() * servers.length)];
  return server?.duplicate({ ...options, retryStrategy: null }) ?? null;
}
