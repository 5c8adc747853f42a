import pTimeout from 'p-timeout';
import type { Round } from './round.js';
import { LONGEST_TIMER, type Runtime, type Timer } from './runtime.js';

/** How long one command may take by default, from the ttl of what it asks; both in ms. */
export function defaultTimeout(ttl: number): number {
  return Math.min(Math.max(ttl * 0.05, 50), 1000);
}

/** How long one node may take, and the end of the wait for it, by the clock of a runtime. */
export class NodeTimeout {
  readonly #runtime: Runtime;
  readonly #given: number | undefined;
  readonly #timers: { setTimeout: typeof setTimeout; clearTimeout: typeof clearTimeout };

  /** @param given in ms; else it follows from the ttl */
  constructor(runtime: Runtime, given: number | undefined) {
    this.#runtime = runtime;
    this.#given = given;
    // Only called as functions, so the promisified variants that the types ask for are not needed.
    this.#timers = {
      // A reply that has arrived by the deadline waits in the socket: it is not late.
      setTimeout: ((callback: () => void, ms: number) =>
        runtime.setTimeout(() => runtime.afterSockets(callback), ms)) as typeof setTimeout,
      clearTimeout: ((timer: Timer) => runtime.clearTimeout(timer)) as typeof clearTimeout,
    };
  }

  /** In ms. @param ttl of what is asked, in ms */
  of(ttl: number): number {
    return this.#given ?? defaultTimeout(ttl);
  }

  /** What a round has left of it, in ms; not positive when it is over. */
  left({ start, operation }: Round): number {
    return start + this.of(operation.ttl) - this.#runtime.now();
  }

  /**
   * Resolves as `promise` does, or with undefined once `ms`, at least 1, are over and the sockets were
   * read.
   */
  limit<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
    const { stackTraceLimit } = Error;
    // pTimeout makes its error ahead of need. Nobody sees it here, and its stack trace would take
    // longer than everything else the core does for a command.
    Error.stackTraceLimit = 0;
    try {
      return pTimeout(promise, {
        milliseconds: Math.min(Math.max(ms, 1), LONGEST_TIMER),
        fallback: nothing,
        customTimers: this.#timers,
      });
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  }
}

function nothing(): undefined {
  return undefined;
}
