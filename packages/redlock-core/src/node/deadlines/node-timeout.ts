import pTimeout from 'p-timeout';
import type { Operation } from '../../protocol/operation.js';
import type { Round } from '../round.js';
import { LONGEST_TIMER, type Runtime, type Timer } from '../../time/runtime.js';

/** How long one command may take by default, from the ttl of what it asks; both in ms. */
export function defaultTimeout(ttl: number): number {
  return Math.min(Math.max(ttl * 0.05, 50), LONGEST_DEFAULT);
}

/** The longest timeout that follows from a ttl, in ms. */
export const LONGEST_DEFAULT = 1000;

/** A default timeout is at least so many round trips long, as measured on the node. */
const ROUND_TRIPS = 3;

/**
 * Operations that a process may begin with, before any node is connected. An extension does not wait as long: it must fail
 * soon enough to be tried again while the lock is valid.
 */
const FIRST: ReadonlySet<Operation['kind']> = new Set(['grant', 'adopt', 'inspect']);

/** What a connection that is being made is allowed at least, where the ttl is twice that, and at most. In ms. */
const LEAST_ALLOWANCE = 500;
const MOST_ALLOWANCE = 5000;

/** How long one node may take, and the end of the wait for it, by the clock of a runtime. */
export class NodeTimeout {
  readonly #runtime: Runtime;
  readonly #given: number | undefined;
  /** The deadlines of rounds that had to wait for the connection, on the monotonic clock. */
  readonly #deadlines = new WeakMap<Round, number>();
  /** The shortest of late, in ms. It grows by an eighth at most with a reply: one late reply says nothing about the next. */
  #roundTrip = Infinity;
  readonly #timers: { setTimeout: typeof setTimeout; clearTimeout: typeof clearTimeout };

  /** @param given in ms; else it follows from the ttl */
  constructor(runtime: Runtime, given: number | undefined) {
    this.#runtime = runtime;
    this.#given = given;
    // Only called as functions, so the promisified variants that the types ask for are not needed.
    this.#timers = {
      // Read the sockets once more before judging: a timely reply may still be unread.
      setTimeout: ((callback: () => void, ms: number) =>
        runtime.setTimeout(() => runtime.afterSockets(callback), ms)) as typeof setTimeout,
      clearTimeout: ((timer: Timer) => runtime.clearTimeout(timer)) as typeof clearTimeout,
    };
  }

  /** In ms. @param ttl of what is asked, in ms */
  of(ttl: number): number {
    if (this.#given !== undefined) return this.#given;
    const least = this.#roundTrip < Infinity ? ROUND_TRIPS * this.#roundTrip : 0;
    return Math.min(Math.max(defaultTimeout(ttl), least), LONGEST_DEFAULT);
  }

  /** The node has answered within so many ms. */
  measured(ms: number): void {
    const longest = (this.#roundTrip * 9) / 8;
    this.#roundTrip = Math.min(ms, longest);
  }

  /**
   * How long a connection that is being made is waited for, in ms: it takes several round trips, of unknown length.
   */
  allowance({ kind, ttl }: Operation): number {
    if (!FIRST.has(kind)) return this.of(ttl);
    const fifth = Math.min(Math.max(ttl / 5, LEAST_ALLOWANCE), ttl / 2, MOST_ALLOWANCE);
    return Math.max(fifth, this.of(ttl));
  }

  /** The connection that a round has waited for is there. */
  arrived(round: Round): void {
    const { start, operation } = round;
    const now = this.#runtime.now();
    const end = Math.max(start + this.allowance(operation), now + this.of(operation.ttl));
    this.#deadlines.set(round, end);
  }

  /** How long a round may take, in ms. */
  ofRound(round: Round): number {
    const deadline = this.#deadlines.get(round);
    return deadline === undefined ? this.of(round.operation.ttl) : deadline - round.start;
  }

  /** What a round has left of it, in ms; not positive when it is over. */
  left(round: Round): number {
    return this.leftOf(this.ofRound(round), round);
  }

  /** @param ms from a round's start on */
  leftOf(ms: number, { start }: Round): number {
    return start + ms - this.#runtime.now();
  }

  /**
   * Resolves as `promise` does, or with undefined once `ms`, at least 1, are over and the sockets were
   * read.
   */
  limit<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
    const { stackTraceLimit } = Error;
    // Perf: pTimeout makes its error in advance, and nobody sees it here. Its stack trace would take longer than everything
    // else that the core does for a command.
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
