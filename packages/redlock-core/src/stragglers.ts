import type { Runtime, Timer } from './runtime.js';

/**
 * Looks after rounds a little later than they were asked, with one timer for all of them: most
 * nodes have voted by then, and only the stragglers need a timeout of their own.
 */
export class Stragglers {
  readonly #runtime: Runtime;
  readonly #ms: number;
  #checks: (() => void)[] = [];
  #timer: Timer | null = null;

  /** @param ms at most so much later */
  constructor(runtime: Runtime, ms: number) {
    this.#runtime = runtime;
    this.#ms = ms;
  }

  checkLater(check: () => void): void {
    this.#checks.push(check);
    this.#timer ??= this.#runtime.setTimeout(() => this.checkNow(), this.#ms);
  }

  checkNow(): void {
    if (this.#timer) this.#runtime.clearTimeout(this.#timer);
    this.#timer = null;
    const checks = this.#checks;
    this.#checks = [];
    for (const check of checks) check();
  }
}
