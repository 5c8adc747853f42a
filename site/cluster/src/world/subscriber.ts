import { Dialer, type Place } from './dialer.js';
import type { Session } from './session.js';

interface Listener {
  readonly tell: (message?: string) => void;
  readonly lost: () => void;
}

/** A client's second connection, on which nodes notify its process. */
export class Subscriber {
  readonly #place: Place;
  readonly #dialer: Dialer;
  readonly #onNotified: () => void;
  readonly #channels = new Map<string, Set<Listener>>();

  constructor(place: Place, onNotified: () => void) {
    this.#place = place;
    this.#onNotified = onNotified;
    this.#dialer = new Dialer(place, {
      onUp: (session) => {
        for (const channel of this.#channels.keys()) this.#ask(session, channel);
      },
      onDown: () => {
        for (const listeners of this.#channels.values()) for (const { lost } of listeners) lost();
      },
    });
  }

  subscribe(channel: string, tell: Listener['tell'], lost: () => void = () => {}): () => void {
    const listener: Listener = { tell, lost };
    const listeners = this.#channels.get(channel) ?? new Set();
    this.#channels.set(channel, listeners.add(listener));
    const { session } = this.#dialer;
    if (session) this.#ask(session, channel);
    else this.#dialer.dial();
    return () => {
      if (listeners.delete(listener) && listeners.size === 0) this.#leave(channel);
    };
  }

  close(): void {
    this.#dialer.close();
  }

  #ask(session: Session, channel: string): void {
    const { server, process } = this.#place;
    const hear = (message?: string): void =>
      process.run(() => {
        if (message !== undefined) this.#onNotified();
        for (const { tell } of this.#channels.get(channel) ?? []) tell(message);
      });
    const register = (): void => {
      server.subscribe(session, channel, (message) =>
        session.down.send('notification', () => hear(message)),
      );
      session.down.send('other', () => hear());
    };
    session.up.send('other', () => server.receive(session, register));
  }

  #leave(channel: string): void {
    this.#channels.delete(channel);
    const { server } = this.#place;
    const { session } = this.#dialer;
    session?.up.send('other', () =>
      server.receive(session, () => server.unsubscribe(session, channel)),
    );
  }
}
