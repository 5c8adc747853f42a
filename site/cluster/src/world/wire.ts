import type { Cargo } from './cargo.js';
import type { Direction, Path } from './path.js';
import type { World } from './simulation.js';

/** A message under way. It travels in two legs, because what cuts a path, or loses a reply, is in its middle. */
export interface Message {
  readonly path: Path;
  readonly direction: Direction;
  readonly cargo: Cargo;
  /** Where the leg begins and ends, as fractions of the way. */
  from: number;
  to: number;
  /** When the leg begins and ends, in true time. */
  since: number;
  until: number;
}

interface Parcel {
  readonly message: Message;
  readonly deliver: () => void;
}

/** What a wire leads through. */
export interface WireTerms {
  readonly world: World;
  readonly path: Path;
  readonly direction: Direction;
  /** All messages under way, for whoever draws them. */
  readonly traffic: Set<Message>;
  /** Whether what passes now gets lost. */
  readonly isLossy: () => boolean;
}

/** One direction of one connection: messages arrive in order. While the path is cut, they wait in its middle. */
export class Wire {
  readonly #terms: WireTerms;
  readonly #stopListening: () => void;
  readonly #mine = new Set<Message>();
  #waiting: Parcel[] = [];
  #latest = 0;
  #isClosed = false;

  constructor(terms: WireTerms) {
    this.#terms = terms;
    this.#stopListening = terms.path.onReopened(() => this.#goOn());
  }

  send(cargo: Cargo, deliver: () => void): void {
    if (this.#isClosed) return;
    const { world, path, direction, traffic } = this.#terms;
    this.#latest = Math.max(this.#latest, world.now + path.delay());
    const since = world.now;
    const until = (since + this.#latest) / 2;
    const message: Message = { path, direction, cargo, from: 0, to: 0.5, since, until };
    traffic.add(message);
    this.#mine.add(message);
    const arrival = this.#latest;
    world.at(until, () => this.#pass({ message, deliver }, arrival));
  }

  /** Nothing arrives any more. */
  close(): void {
    this.#isClosed = true;
    this.#stopListening();
    for (const message of this.#mine) this.#terms.traffic.delete(message);
    this.#mine.clear();
    this.#waiting = [];
  }

  /** The middle of the way. */
  #pass(parcel: Parcel, arrival: number): void {
    if (this.#isClosed) return;
    const { path, isLossy } = this.#terms;
    if (isLossy()) this.#remove(parcel.message);
    else if (path.isCut || this.#waiting.length > 0) this.#waiting.push(parcel);
    else this.#travelOn(parcel, arrival);
  }

  #travelOn({ message, deliver }: Parcel, arrival: number): void {
    const { world } = this.#terms;
    Object.assign(message, { from: 0.5, to: 1, since: world.now, until: arrival });
    world.at(arrival, () => {
      if (this.#isClosed) return;
      this.#remove(message);
      deliver();
    });
  }

  #goOn(): void {
    const { world, path } = this.#terms;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const parcel of waiting) {
      this.#latest = Math.max(this.#latest, world.now + path.delay() / 2);
      this.#travelOn(parcel, this.#latest);
    }
  }

  #remove(message: Message): void {
    this.#terms.traffic.delete(message);
    this.#mine.delete(message);
  }
}
