import { Dialer, type Place } from './dialer.js';
import type { Stream } from './stream.js';

/** The interval of pings, in ms: a connection that is silent for two of them is replaced. */
const PING_INTERVAL = 5000;

interface Listener {
  readonly tell: (message?: string) => void;
  readonly lost: () => void;
}

/** A client's second connection, on which nodes notify its process. */
export class Subscriber {
  readonly dialer: Dialer;
  readonly #channels = new Map<string, Set<Listener>>();

  /**
   * @param isRefused whether the server refuses subscriptions, as to a user without permission for any channel
   * @param onMessage called with each message that the process receives
   */
  constructor(
    private readonly place: Place,
    private readonly isRefused: boolean,
    private readonly onMessage: (text: string) => void,
  ) {
    const { up, calls } = place.route;
    this.dialer = new Dialer(
      { ...place, route: { up, down: calls, calls } },
      (stream) => {
        for (const channel of this.#channels.keys()) this.#ask(stream, channel);
      },
      () => {
        for (const listeners of this.#channels.values()) for (const { lost } of listeners) lost();
      },
    );
  }

  get isIdle(): boolean {
    return this.#channels.size === 0;
  }

  /**
   * Something on the way ends the connection.
   * @param noticedAfter when the process finds out, in ms; at the latest, a ping finds it
   */
  break(noticedAfter: number): void {
    const { random } = this.place;
    this.dialer.break(Math.min(noticedAfter, PING_INTERVAL * random.between(1, 2)));
  }

  subscribe(channel: string, tell: Listener['tell'], lost: () => void = () => {}): () => void {
    const listener: Listener = { tell, lost };
    const listeners = this.#channels.get(channel) ?? new Set();
    this.#channels.set(channel, listeners.add(listener));
    const { stream } = this.dialer;
    if (stream) this.#ask(stream, channel);
    else this.dialer.dial();
    return () => {
      if (listeners.delete(listener) && listeners.size === 0) this.#leave(channel);
    };
  }

  #ask(stream: Stream, channel: string): void {
    const { server, process } = this.place;
    const hear = (message?: string): void =>
      process.run(() => {
        if (stream !== this.dialer.stream) return;
        if (message !== undefined) this.onMessage(message);
        for (const { tell } of this.#channels.get(channel) ?? []) tell(message);
      });
    const register = (): void => {
      if (this.isRefused) return;
      server.subscribe(stream, channel, hear);
      stream.down.send(hear);
    };
    const refuse = (): void => process.run(() => this.dialer.lost(stream));
    stream.up.send(() => server.receive(stream, register, refuse));
  }

  #leave(channel: string): void {
    this.#channels.delete(channel);
    const { stream } = this.dialer;
    const { server } = this.place;
    stream?.up.send(() =>
      server.receive(
        stream,
        () => server.channels.unsubscribe(stream, channel),
        () => {},
      ),
    );
  }
}
