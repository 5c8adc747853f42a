import { afterPromises, type Runtime } from './runtime.js';

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
    if (this.#now.push(act) === 1) afterPromises(this.#actNow);
  }

  readonly #actNow = (): void => {
    let acted = 0;
    try {
      // Callbacks may enqueue themselves again; they run last in this pass.
      for (const act of this.#now) {
        acted++;
        act();
      }
    } finally {
      // Not empty where one has thrown: it must not take the others with it.
      this.#now.splice(0, acted);
      if (this.#now.length > 0) afterPromises(this.#actNow);
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
