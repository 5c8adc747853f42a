import type { Runtime, Timer } from '../../time/runtime.js';

/**
 * Makes the commands in flight to one node a step older.
 * @returns whether one of them may still become a straggler
 */
type Age = () => boolean;

/**
 * Finds stragglers: commands that are in flight for longer than one to two steps.
 *
 * Perf: timers per command. One timer serves all nodes. Most commands are answered before it fires twice, so only
 * stragglers need a timeout of their own.
 */
export class Stragglers {
  readonly #runtime: Runtime;
  readonly #ms: number;
  readonly #ages: Age[] = [];
  #timer: Timer | null = null;

  /** @param ms the length of a step */
  constructor(runtime: Runtime, ms: number) {
    this.#runtime = runtime;
    this.#ms = ms;
  }

  add(age: Age): void {
    this.#ages.push(age);
  }

  /** A command was sent. */
  expect(): void {
    this.#timer ??= this.#runtime.setTimeout(() => {
      this.#timer = null;
      if (this.#step()) this.expect();
    }, this.#ms);
  }

  /** Makes stragglers of all commands in flight, and stops the timer. */
  end(): void {
    if (this.#timer) this.#runtime.clearTimeout(this.#timer);
    this.#timer = null;
    this.#step();
    this.#step();
  }

  #step(): boolean {
    return this.#ages.filter((age) => age()).length > 0;
  }
}
