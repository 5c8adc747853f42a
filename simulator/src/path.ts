import type { Plan } from './plan.js';
import type { Random } from './random.js';
import type { World } from './world.js';

/** One way from a client to a node, or back. */
export class Path {
  readonly #world: World;
  readonly #random: Random;
  readonly #delay: number;
  readonly #longestTail: number;
  #tail: number;
  #slowUntil = 0;
  #blockedUntil = 0;

  /** @param delay in ms, typically */
  constructor(world: World, random: Random, delay: number, { tail, longestTail }: Plan) {
    this.#world = world;
    this.#longestTail = longestTail;
    this.#random = random;
    this.#delay = delay;
    this.#tail = tail;
  }

  delay(): number {
    const random = this.#random;
    const usual = this.#delay * random.between(0.5, 1.5);
    const slow = this.#world.now < this.#slowUntil ? 10 : 1;
    return usual * slow * (random.chance(this.#tail) ? random.magnitude(2, this.#longestTail) : 1);
  }

  /** In ms from now; 0 when it is open. */
  get blockedFor(): number {
    return Math.max(0, this.#blockedUntil - this.#world.now);
  }

  block(ms: number): void {
    this.#blockedUntil = Math.max(this.#blockedUntil, this.#world.now + ms);
  }

  slow(ms: number): void {
    this.#slowUntil = Math.max(this.#slowUntil, this.#world.now + ms);
  }

  /** No more faults, of which a message that takes far longer is one. */
  mend(): void {
    this.#tail = 0;
    this.#blockedUntil = 0;
    this.#slowUntil = 0;
  }
}
