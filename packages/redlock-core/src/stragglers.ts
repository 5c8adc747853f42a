import type { Runtime, Timer } from './runtime.js';

/**
 * Looks after rounds a little later than they were asked, with one timer for all of them: most
 * nodes have voted by then, and only the stragglers need a timeout of their own.
 */
export class Stragglers {
  readonly #runtime: Runtime;
  readonly #ms: number;
  #young: (() => void)[] = [];
  #old: (() => void)[] = [];
  #timer: Timer | null = null;

  /** @param ms at least so much later, and at most twice that */
  constructor(runtime: Runtime, ms: number) {
    this.#runtime = runtime;
    this.#ms = ms;
  }

  checkLater(check: () => void): void {
    this.#young.push(check);
    this.#timer ??= this.#arm();
  }

  /** Checks everybody now. */
  end(): void {
    if (this.#timer) this.#runtime.clearTimeout(this.#timer);
    this.#timer = null;
    this.#age();
    this.#age();
  }

  #arm(): Timer {
    return this.#runtime.setTimeout(() => {
      this.#age();
      this.#timer = this.#old.length > 0 ? this.#arm() : null;
    }, this.#ms);
  }

  #age(): void {
    const checks = this.#old;
    this.#old = this.#young;
    this.#young = [];
    for (const check of checks) check();
  }
}
