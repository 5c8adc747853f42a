import type { Random } from 'test-kit/random';
import type { Plan } from '../plan/plan.js';
import type { World } from '../world/world.js';

/** How often a message lags on a path that does. */
const LAGGING = 0.5;

/** One way from a client to a node, or back. */
export class Path {
  readonly #world: World;
  readonly #random: Random;
  readonly #delay: number;
  readonly #longestTail: number;
  #tail: number;
  #lag: number;
  #slowUntil = 0;
  #blockedUntil = 0;
  /** When the last message that took longer than usual has arrived, or will have. */
  disturbedUntil = 0;

  /**
   * @param delay in ms, typically
   * @param lag what some messages take longer, in ms at most; 0: none does
   */
  constructor(
    world: World,
    random: Random,
    { delay, lag }: { readonly delay: number; readonly lag: number },
    { tail, longestTail }: Plan,
  ) {
    this.#world = world;
    this.#longestTail = longestTail;
    this.#random = random;
    this.#delay = delay;
    this.#tail = tail;
    this.#lag = lag;
  }

  delay(): number {
    const random = this.#random;
    const usual = this.#delay * random.between(0.5, 1.5);
    const slow = this.#world.now < this.#slowUntil ? 10 : 1;
    const tail = random.chance(this.#tail) ? random.magnitude(2, this.#longestTail) : 1;
    const lag = this.#lag > 0 && random.chance(LAGGING) ? random.between(0, this.#lag) : 0;
    const delay = usual * slow * tail + lag;
    if (delay > 2 * usual)
      this.disturbedUntil = Math.max(this.disturbedUntil, this.#world.now + delay);
    return delay;
  }

  /** In ms from now; 0 when it is open. */
  get blockedFor(): number {
    return Math.max(0, this.#blockedUntil - this.#world.now);
  }

  block(ms: number): void {
    this.#blockedUntil = Math.max(this.#blockedUntil, this.#world.now + ms);
    this.disturbedUntil = Math.max(this.disturbedUntil, this.#blockedUntil + this.#delay);
  }

  slow(ms: number): void {
    this.#slowUntil = Math.max(this.#slowUntil, this.#world.now + ms);
  }

  /** No more faults, of which a message that takes far longer is one. */
  mend(): void {
    this.#tail = 0;
    this.#lag = 0;
    this.#blockedUntil = 0;
    this.#slowUntil = 0;
  }
}

interface Message {
  readonly due: number;
  readonly deliver: () => void;
}

/** One direction of one connection: what is sent arrives in order, while the path is open. */
export class Lane {
  #messages: Message[] = [];
  #latest = 0;
  #broken = false;

  constructor(
    private readonly world: World,
    private readonly path: Path,
  ) {}

  send(deliver: () => void): void {
    if (this.#broken) return;
    this.#latest = Math.max(this.#latest, this.world.now + this.path.delay());
    if (this.#messages.push({ due: this.#latest, deliver }) === 1) this.#await(this.#latest);
  }

  /** The connection is broken: of what is under way only the first `count` arrive. */
  loseAllBut(count: number): void {
    this.#broken = true;
    this.#messages.length = Math.min(this.#messages.length, count);
  }

  get underWay(): number {
    return this.#messages.length;
  }

  #await(time: number): void {
    this.world.at(time, () => this.#arrive());
  }

  #arrive(): void {
    const [first] = this.#messages;
    if (!first) return;
    const blockedFor = this.path.blockedFor;
    if (blockedFor > 0) {
      this.#await(this.world.now + blockedFor + this.path.delay());
      return;
    }
    this.#messages.shift();
    const next = this.#messages[0];
    if (next) this.#await(next.due);
    first.deliver();
  }
}

/** The ways between one client and one node. */
export interface Route {
  readonly up: Path;
  readonly down: Path;
  /** The way back on the connection for subscriptions. */
  readonly calls: Path;
}

/** One TCP connection. What was sent before it broke may still arrive, later than what its successor carries. */
export class Stream {
  /** The client has not noticed that it is broken. */
  open = true;
  broken = false;
  readonly up: Lane;
  readonly down: Lane;

  constructor(world: World, { up, down }: Pick<Route, 'up' | 'down'>) {
    this.up = new Lane(world, up);
    this.down = new Lane(world, down);
  }

  /** Nothing more is sent; part of what is under way to the node arrives. */
  break(random: Random): void {
    this.broken = true;
    this.up.loseAllBut(random.chance(0.5) ? random.integer(0, this.up.underWay) : Infinity);
    this.down.loseAllBut(0);
  }
}
