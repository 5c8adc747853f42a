import type { Runtime } from '../time/runtime.js';

/** How long one call has wanted its lock, and how often it has asked the nodes for it. */
export class Tries {
  /** How many attempts it has made. */
  attempts = 0;
  readonly #runtime: Pick<Runtime, 'now'>;
  readonly #start: number;

  constructor(runtime: Pick<Runtime, 'now'>) {
    this.#runtime = runtime;
    this.#start = runtime.now();
  }

  /** For how long the call has lasted, in ms. */
  get waited(): number {
    return this.#runtime.now() - this.#start;
  }
}
