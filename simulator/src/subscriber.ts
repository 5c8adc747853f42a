import { Dialer, type Place } from './dialer.js';
import type { Stream } from './stream.js';

interface Listener {
  readonly tell: (message?: string) => void;
  readonly lost: () => void;
}

/** A client's second connection, which hears what is announced. */
export class Subscriber {
  readonly dialer: Dialer;
  readonly #place: Place;
  readonly #channels = new Map<string, Set<Listener>>();

  constructor(place: Place) {
    this.#place = place;
    this.dialer = new Dialer(
      place,
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
    const { server, process } = this.#place;
    const hear = (message?: string): void =>
      process.run(() => {
        if (stream !== this.dialer.stream) return;
        for (const { tell } of this.#channels.get(channel) ?? []) tell(message);
      });
    const register = (): void => {
      server.subscribe(stream, channel, hear);
      stream.down.send(hear);
    };
    const refuse = (): void => process.run(() => this.dialer.lost(stream));
    stream.up.send(() => server.receive(stream, register, refuse));
  }

  #leave(channel: string): void {
    this.#channels.delete(channel);
    const { stream } = this.dialer;
    const { server } = this.#place;
    stream?.up.send(() =>
      server.receive(
        stream,
        () => server.unsubscribe(stream, channel),
        () => {},
      ),
    );
  }
}
