import type { ClientProcess } from '../world/process.js';
import type { Random } from 'test-kit/random';
import type { Server } from '../server/server.js';
import { Stream, type Route } from './stream.js';
import type { World } from '../world/world.js';

/** How long a connection may take to be made, and the pause before the next try; in ms. */
const CONNECT_TIMEOUT = 1000;
const LEAST_BACK_OFF = 5;
const MOST_BACK_OFF = 100;

/** Until then a server executes what comes on a connection that its client has given up, in ms. */
const SERVER_NOTICES = 2000;

export interface Place {
  readonly world: World;
  readonly random: Random;
  readonly process: ClientProcess;
  readonly server: Server;
  readonly route: Route;
}

/** Keeps one connection to a server established, as Redis clients do. */
export class Dialer {
  #stream: Stream | null = null;
  #state: 'idle' | 'dialing' | 'up' = 'idle';
  /** When it was last established, in true time. */
  upSince = 0;

  constructor(
    private readonly place: Place,
    private readonly onUp: (stream: Stream) => void,
    private readonly onDown: () => void,
  ) {}

  /** Established, as far as the client knows. */
  get stream(): Stream | null {
    return this.#state === 'up' ? this.#stream : null;
  }

  /** Established, and so it is. */
  get isWhole(): boolean {
    return this.stream?.broken === false;
  }

  dial(): void {
    if (this.#state !== 'idle') return;
    const { world, process, server, route } = this.place;
    const stream = new Stream(world, route);
    this.#state = 'dialing';
    this.#stream = stream;
    stream.up.send(() =>
      server.accept(stream, (accepted) =>
        process.run(() => (accepted ? this.#established(stream) : this.lost(stream))),
      ),
    );
    world.after(CONNECT_TIMEOUT, () => {
      if (this.#state !== 'dialing') return;
      process.run(() => {
        if (this.#state === 'dialing') this.lost(stream);
      });
    });
  }

  /** Something on the way ends the connection. The client finds out, sooner or later or never. */
  break(noticedAfter: number): void {
    const stream = this.#stream;
    if (!stream) return;
    const { world, process } = this.place;
    this.#break(stream);
    if (noticedAfter < Infinity) {
      world.after(noticedAfter, () => process.run(() => this.lost(stream)));
    }
  }

  /** The client has noticed. */
  lost(stream: Stream): void {
    if (stream !== this.#stream || !stream.open) return;
    const { world, random, process } = this.place;
    const wasUp = this.#state === 'up';
    if (!stream.broken) this.#break(stream);
    stream.open = false;
    this.#stream = null;
    this.#state = 'idle';
    if (wasUp) this.onDown();
    world.after(random.magnitude(LEAST_BACK_OFF, MOST_BACK_OFF), () =>
      process.run(() => this.dial()),
    );
  }

  redial(): void {
    if (this.#stream) this.lost(this.#stream);
  }

  #break(stream: Stream): void {
    const { world, random, server } = this.place;
    stream.break(random);
    world.after(random.magnitude(1, SERVER_NOTICES), () => server.forget(stream));
  }

  #established(stream: Stream): void {
    if (stream !== this.#stream || this.#state !== 'dialing') return;
    this.#state = 'up';
    this.upSince = this.place.world.now;
    this.onUp(stream);
  }
}
