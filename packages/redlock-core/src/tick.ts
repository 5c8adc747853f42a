import type { Runtime } from './runtime.js';

/** When nodes are written to: one moment for all that is due then. */
export class Tick {
  readonly #runtime: Runtime;
  #now: (() => void)[] = [];
  #afterSockets: (() => void)[] = [];

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /**
   * At once, but not in this very call: when all promises have run that can. Locks that were granted
   * together go on together, and what they ask next shall leave together.
   */
  now(act: () => void): void {
    if (this.#now.push(act) > 1) return;
    // From a callback that is no promise's, as of a timer, nextTick alone would come before all promises.
    queueMicrotask(() => process.nextTick(this.#actNow));
  }

  readonly #actNow = (): void => {
    try {
      // Among them those that come again, behind the others.
      for (const act of this.#now) act();
    } finally {
      this.#now = [];
    }
  };

  /** When the event loop has read its sockets, that is when this tick has ended. */
  afterSockets(act: () => void): void {
    if (this.#afterSockets.push(act) > 1) return;
    this.#runtime.afterSockets(() => {
      const due = this.#afterSockets;
      this.#afterSockets = [];
      for (const each of due) each();
    });
  }
}
