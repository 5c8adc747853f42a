import { setTimeout as sleep } from 'node:timers/promises';

/** A connection that serves subscriptions only. */
export interface SubscriberConnection {
  /** Resolves when the server has confirmed the subscription. */
  subscribe(channel: string): Promise<unknown>;
  unsubscribe(channel: string): Promise<unknown>;
  /** Rejects if this is no longer the connection on which the subscriptions were made. */
  ping(): Promise<unknown>;
  close(): void;
}

/** What a subscriber's connection reports to its owner, and a signal that ends its opening. */
export interface SubscriberEvents {
  /** Called with each message that the connection receives. */
  readonly message: (channel: string, message: string) => void;
  /** The connection has ended. May be called twice, and after the connection was closed. */
  readonly lost: () => void;
  /** Aborts when a connection that is not ready yet is not wanted any more: close it, or it keeps the process alive. */
  readonly signal: AbortSignal;
}

/**
 * Opens a connection that never reconnects by itself, and resolves when it is ready. One that takes longer than 10 s is
 * given up. Messages that arrive while it is opening, and all events after it was closed, are ignored.
 */
export type OpenSubscriber = (events: SubscriberEvents) => Promise<SubscriberConnection>;

/** The interval of pings, in ms. A connection that received nothing for two intervals is replaced. */
const PING_INTERVAL = 5000;

/** The longest pause before another attempt to connect, in ms. */
const LONGEST_RETRY = 1000;

type Listener = (message?: string) => void;

/** One listener to a channel. */
interface Subscription {
  readonly tell: Listener;
  readonly lost: () => void;
  /** Whether the subscription is confirmed on the present connection. */
  confirmed: boolean;
}

/**
 * The subscriptions of a node, on a connection of their own, which is open while there are any.
 * @internal
 */
export class Subscriptions {
  readonly #open: OpenSubscriber;
  readonly #channels = new Map<string, Set<Subscription>>();
  #session: Session | null = null;
  #pings: NodeJS.Timeout | null = null;

  constructor(open: OpenSubscriber) {
    this.#open = open;
  }

  /** The same as `subscribe` of a `RedisNode`. */
  subscribe(
    channel: string,
    tell: (message?: string) => void,
    lost: () => void = () => {},
  ): () => void {
    const subscription: Subscription = { tell, lost, confirmed: false };
    const subscriptions = this.#channels.get(channel) ?? new Set();
    this.#channels.set(channel, subscriptions.add(subscription));
    if (this.#session) this.#establish(this.#session, channel);
    else this.#begin();
    return () => {
      if (!subscriptions.delete(subscription) || subscriptions.size > 0) return;
      this.#channels.delete(channel);
      if (this.#channels.size === 0) this.#end();
      else this.#session?.connection?.unsubscribe(channel).catch(() => {});
    };
  }

  #begin(): void {
    this.#pings = setInterval(() => this.#ping(), PING_INTERVAL);
    this.#pings.unref();
    void this.#connect(0);
  }

  #end(): void {
    if (this.#pings) clearInterval(this.#pings);
    if (this.#session) close(this.#session);
    this.#session = null;
  }

  /**
   * Opens a connection, after a pause if attempts have failed.
   * @param failures how many attempts have failed in a row
   */
  async #connect(failures: number): Promise<void> {
    const session: Session = {
      connection: null,
      opening: new AbortController(),
      heard: true,
      lost: () => {
        if (this.#session !== session) return;
        close(session);
        this.#lose();
        void this.#connect(session.connection ? 1 : failures + 1);
      },
    };
    this.#session = session;
    if (failures > 0) await sleep(Math.min(50 * failures, LONGEST_RETRY), null, { ref: false });
    if (this.#session !== session) return;
    try {
      const connection = await this.#open({
        message: (channel, message) => this.#tell(session, channel, message),
        lost: session.lost,
        signal: session.opening.signal,
      });
      if (this.#session !== session) return connection.close();
      session.connection = connection;
      session.heard = true;
    } catch {
      // The core learns of a failing node by its commands.
      return session.lost();
    }
    for (const channel of this.#channels.keys()) this.#establish(session, channel);
  }

  /** Confirms the subscriptions of a channel that are not confirmed yet. */
  #establish(session: Session, channel: string): void {
    const unconfirmed = this.#unconfirmed(channel);
    if (unconfirmed.length === 0) return;
    session.connection?.subscribe(channel).then(
      () => {
        // Subscriptions, and the connection, may have ended meanwhile.
        const current = this.#channels.get(channel);
        if (this.#session !== session) return;
        for (const subscription of unconfirmed) {
          if (subscription.confirmed || !current?.has(subscription)) continue;
          subscription.confirmed = true;
          subscription.tell();
        }
      },
      // It is tried again at the next ping, or on the next connection.
      () => {},
    );
  }

  #unconfirmed(channel: string): Subscription[] {
    return [...(this.#channels.get(channel) ?? [])].filter(({ confirmed }) => !confirmed);
  }

  /** Subscriptions end with the connection that confirmed them. */
  #lose(): void {
    for (const subscription of [...this.#channels.values()].flatMap((each) => [...each])) {
      if (!subscription.confirmed) continue;
      subscription.confirmed = false;
      subscription.lost();
    }
  }

  #tell(session: Session, channel: string, message: string): void {
    if (this.#session !== session) return;
    session.heard = true;
    for (const { tell } of this.#channels.get(channel) ?? []) tell(message);
  }

  #ping(): void {
    const session = this.#session;
    if (!session) return;
    if (!session.heard) return session.lost();
    session.heard = false;
    if (!session.connection) return;
    // Try again those that the server has refused: the user's rights may have changed.
    for (const channel of this.#channels.keys()) this.#establish(session, channel);
    session.connection.ping().then(
      () => (session.heard = true),
      () => session.lost(),
    );
  }
}

/** One connection, from the pause before it is opened until it ends. */
interface Session {
  connection: SubscriberConnection | null;
  /** Aborted if the connection is given up before it is ready. */
  readonly opening: AbortController;
  /** Whether anything was received, or the connection was opened, since the latest ping. */
  heard: boolean;
  readonly lost: () => void;
}

function close({ connection, opening }: Session): void {
  if (connection) connection.close();
  else opening.abort();
}
