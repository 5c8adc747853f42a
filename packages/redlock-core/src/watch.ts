import type { Runtime, Timer } from './runtime.js';

/** Both clocks are looked at this often, in ms: a suspension must not go unnoticed for long. */
const LONGEST_SLEEP = 1000;

/** Looks after one held lock for as long as there is something to look after. */
export class Watch {
  readonly #runtime: Runtime;
  readonly #look: () => number;
  #timer: Timer | null = null;

  /** @param look does what is due and says in how many ms the next thing is; 0: never again */
  constructor(runtime: Runtime, look: () => number) {
    this.#runtime = runtime;
    this.#look = look;
  }

  /** Looks now, and from now on in time. */
  look(): void {
    this.end();
    const ms = this.#look();
    if (ms <= 0) return;
    this.#timer = this.#runtime.setTimeout(
      () => this.look(),
      Math.ceil(Math.min(ms, LONGEST_SLEEP)),
    );
    this.#timer.unref();
  }

  end(): void {
    if (this.#timer) this.#runtime.clearTimeout(this.#timer);
    this.#timer = null;
  }
}
