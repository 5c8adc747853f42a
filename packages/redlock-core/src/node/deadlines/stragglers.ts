import type { Runtime, Timer } from '../../time/runtime.js';

/** What is in flight to one node is a step older. Says whether anything is still to become a straggler. */
type Age = () => boolean;

/**
 * Lets what is in flight grow old, with one timer for all nodes: most commands are answered before
 * it fires twice, and only the stragglers need a timeout of their own.
 */
export class Stragglers {
  readonly #runtime: Runtime;
  readonly #ms: number;
  readonly #ages: Age[] = [];
  #timer: Timer | null = null;

  /** @param ms one step */
  constructor(runtime: Runtime, ms: number) {
    this.#runtime = runtime;
    this.#ms = ms;
  }

  add(age: Age): void {
    this.#ages.push(age);
  }

  /** Something has been sent. */
  expect(): void {
    this.#timer ??= this.#runtime.setTimeout(() => {
      this.#timer = null;
      if (this.#step()) this.expect();
    }, this.#ms);
  }

  /** All are stragglers now. */
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
