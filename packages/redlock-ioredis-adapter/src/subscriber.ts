import type { ClientInternals, IoredisClient, IoredisSubscriber } from './client.js';

/** A connection on which nothing was heard for twice as long, in ms, is replaced. */
const PING_INTERVAL = 5000;

interface Subscription {
  readonly channel: string;
  readonly listener: (message?: string) => void;
}

/** A node's subscriptions, on a connection of their own that is open while there are any. */
export class Subscriber {
  readonly #client: IoredisClient;
  readonly #subscriptions = new Set<Subscription>();
  #connection: IoredisSubscriber | null = null;
  #pings: NodeJS.Timeout | null = null;
  #heard = true;

  /** @param client whose options the connection has */
  constructor(client: IoredisClient) {
    this.#client = client;
  }

  subscribe(channel: string, listener: (message?: string) => void): () => void {
    const subscription = { channel, listener };
    this.#subscriptions.add(subscription);
    if (this.#connection) this.#establish(subscription);
    else this.#open();
    return () => {
      if (this.#subscriptions.delete(subscription)) this.#end(channel);
    };
  }

  #open(): void {
    const connection = duplicate(this.#client);
    this.#connection = connection;
    // The core learns of trouble by its commands; ioredis would print it.
    connection.on('error', () => {});
    connection.on('ready', () => {
      this.#heard = true;
      for (const subscription of this.#subscriptions) this.#establish(subscription);
    });
    connection.on('message', (channel, message) => {
      this.#heard = true;
      for (const subscription of this.#subscriptions) {
        if (subscription.channel === channel) subscription.listener(message);
      }
    });
    this.#pings = setInterval(() => this.#ping(), PING_INTERVAL);
    this.#pings.unref();
  }

  #establish(subscription: Subscription): void {
    if (this.#connection?.status !== 'ready') return;
    this.#connection.subscribe(subscription.channel).then(
      () => {
        // Meanwhile it may have ended.
        if (this.#subscriptions.has(subscription)) subscription.listener();
      },
      // It is tried again on the next connection.
      () => {},
    );
  }

  #end(channel: string): void {
    if (this.#subscriptions.size === 0) {
      this.#connection?.disconnect();
      this.#connection = null;
      if (this.#pings) clearInterval(this.#pings);
      return;
    }
    if ([...this.#subscriptions].some((other) => other.channel === channel)) return;
    this.#connection?.unsubscribe(channel).catch(() => {});
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
