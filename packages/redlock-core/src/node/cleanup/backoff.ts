import type { Runtime, Timer } from '../../time/runtime.js';

/** The shortest and the longest pause, in ms. */
const SHORTEST = 50;
const LONGEST = 2000;

/** The pauses after which a release that has failed is repeated. Each is twice as long as the one before. */
export class Backoff {
  readonly #runtime: Runtime;
  readonly #onOver: () => void;
  /** The current or the latest pause, in ms. 0: the latest release did not fail. */
  #pause = 0;
  #timer: Timer | null = null;

  /** @param onOver is called when a pause is over */
  constructor(runtime: Runtime, onOver: () => void) {
    this.#runtime = runtime;
    this.#onOver = onOver;
  }

  /** Begins a pause, unless one is on. */
  begin(): void {
    if (this.#timer) return;
    this.#pause = Math.min(Math.max(2 * this.#pause, SHORTEST), LONGEST);
    this.#timer = this.#runtime.setTimeout(() => {
      this.#timer = null;
      this.#onOver();
    }, this.#pause);
    this.#timer.unref();
  }

  /** Ends the pause. The next one is the shortest again. */
  end(): void {
    if (this.#timer) this.#runtime.clearTimeout(this.#timer);
    this.#timer = null;
    this.#pause = 0;
  }
}
