import { Dialer, type Place } from './dialer.js';
import type { Stream } from './stream.js';

type Listener = (message?: string) => void;

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
      () => {},
    );
  }

  get isIdle(): boolean {
    return this.#channels.size === 0;
  }

  subscribe(channel: string, given: Listener): () => void {
    // One of its own, so that it can be there twice.
    const listener: Listener = (message) => given(message);
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
        for (const listener of this.#channels.get(channel) ?? []) listener(message);
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
