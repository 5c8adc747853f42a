import type { Lock } from '../lock.js';
import type { Runtime } from '../time/runtime.js';
import type { LockTrace } from '../trace.js';

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

  /** Notes in the trace of the call what it got and how, when that is known. */
  async noteIn<L extends Lock | null>(trace: LockTrace, take: () => Promise<L>): Promise<L> {
    try {
      const lock = await take();
      if (lock !== null) trace.fencingToken = lock.fencingToken;
      return lock;
    } finally {
      trace.waited = this.waited;
      trace.attempts = this.attempts;
    }
  }
}
