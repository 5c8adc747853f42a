import type { World } from './world.js';

/** A clock that somebody in the world can read. */
export class Clock {
  readonly #world: World;
  #offset: number;
  #stoodAt: number | null = null;

  /** @param rate in its own ms a true ms */
  constructor(
    world: World,
    readonly rate: number,
    offset: number,
  ) {
    this.#world = world;
    this.#offset = offset;
  }

  read(): number {
    return this.readAt(this.#world.now);
  }

  readAt(time: number): number {
    return this.#offset + (this.#stoodAt ?? time) * this.rate;
  }

  /** How long it takes, if nobody touches it, until it has gone on by `ms`. */
  trueMs(ms: number): number {
    return ms / this.rate;
  }

  jump(ms: number): void {
    this.#offset += ms;
  }

  stand(): void {
    this.#stoodAt ??= this.#world.now;
  }

  get stands(): boolean {
    return this.#stoodAt !== null;
  }

  goOn(): void {
    if (this.#stoodAt === null) return;
    this.#offset -= (this.#world.now - this.#stoodAt) * this.rate;
    this.#stoodAt = null;
  }
}
