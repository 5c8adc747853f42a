import { afterPromises, type Runtime } from './runtime.js';

/** Says when nodes are written to: one moment for everything that is due then. */
export class Tick {
  readonly #runtime: Runtime;
  #now: (() => void)[] = [];
  #afterSockets: (() => void)[] = [];

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /**
   * Runs `act` soon, but not in this call: when all promises have run that can. Locks that were granted together go on
   * together, and what they ask next leaves together.
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
      // If a callback has thrown, some are left, and they run in another pass.
      this.#now.splice(0, acted);
      if (this.#now.length > 0) afterPromises(this.#actNow);
    }
  };

  /** Runs `act` when the event loop has read its sockets, which ends this tick. */
  afterSockets(act: () => void): void {
    if (this.#afterSockets.push(act) > 1) return;
    this.#runtime.afterSockets(() => {
      const due = this.#afterSockets;
      this.#afterSockets = [];
      for (const each of due) each();
    });
  }
}
