import type { Random } from 'test-kit/random';
import type { Server } from './server.js';
import { Session, type Route } from './session.js';
import type { ClientProcess } from './simulation.js';

/** The pause before a client connects again, in ms. */
const LEAST_BACK_OFF = 150;
const MOST_BACK_OFF = 300;

/** Where a client and a server are. */
export interface Place extends Route {
  readonly random: Random;
  readonly process: ClientProcess;
  readonly server: Server;
}

/** What a dialer tells of its connection. */
export interface ConnectionListener {
  onUp(session: Session): void;
  onDown(): void;
}

/** Keeps one connection to a server established, as Redis clients do. */
export class Dialer {
  readonly #place: Place;
  readonly #listener: ConnectionListener;
  #session: Session | null = null;
  #isUp = false;
  #isClosed = false;

  constructor(place: Place, listener: ConnectionListener) {
    this.#place = place;
    this.#listener = listener;
  }

  /** The connection, once it is established. */
  get session(): Session | null {
    return this.#isUp ? this.#session : null;
  }

  dial(): void {
    if (this.#session || this.#isClosed) return;
    const { process, server } = this.#place;
    const session = new Session(
      this.#place,
      () => server.dropsReplies,
      () => process.run(() => this.#lost(session)),
    );
    this.#session = session;
    session.up.send('other', () =>
      server.accept(session, () => process.run(() => this.#established(session))),
    );
  }

  /** Drops the connection and makes a new one. */
  redial(): void {
    if (this.#session) this.#lost(this.#session);
    this.dial();
  }

  close(): void {
    this.#isClosed = true;
    this.#drop();
  }

  #established(session: Session): void {
    if (session !== this.#session) return;
    this.#isUp = true;
    this.#listener.onUp(session);
  }

  #lost(session: Session): void {
    if (session !== this.#session) return;
    const wasUp = this.#isUp;
    this.#drop();
    const { world, random, process } = this.#place;
    world.after(random.between(LEAST_BACK_OFF, MOST_BACK_OFF), () =>
      process.run(() => this.dial()),
    );
    if (wasUp) this.#listener.onDown();
  }

  #drop(): void {
    if (this.#session) {
      this.#session.close();
      this.#place.server.forget(this.#session);
    }
    this.#session = null;
    this.#isUp = false;
  }
}
