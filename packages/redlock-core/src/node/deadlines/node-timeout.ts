import pTimeout from 'p-timeout';
import type { Operation } from '../../protocol/operation.js';
import type { Round } from '../round.js';
import { LONGEST_TIMER, type Runtime, type Timer } from '../../time/runtime.js';

/**
 * How long one command may take by default, in ms.
 * @param ttl of the operation, in ms
 */
function defaultTimeout(ttl: number): number {
  return Math.min(Math.max(ttl * 0.05, 50), LONGEST_DEFAULT);
}

/** The longest timeout that follows from a ttl, in ms. */
export const LONGEST_DEFAULT = 1000;

/** A default timeout is at least this many round trips, as measured on the node. */
const ROUND_TRIPS = 3;

/**
 * Operations that a process may begin with. The others keep or end a lock. An extension must fail soon enough to be
 * tried again while the lock is valid. So it does not wait as long for a connection, and round trips that were measured
 * while a server stood still lengthen its timeout to half of the ttl at most.
 */
const FIRST: ReadonlySet<Operation['kind']> = new Set(['grant', 'adopt', 'inspect']);

/**
 * How long a connection that is being made may take: the least, if the ttl is at least twice as long, and the most. In
 * ms.
 */
const LEAST_ALLOWANCE = 500;
const MOST_ALLOWANCE = 5000;

/** How long one node may take to answer or to connect, and waits that end then, by the clock of a runtime. */
export class NodeTimeout {
  readonly #runtime: Runtime;
  readonly #given: number | undefined;
  /** The deadlines of rounds that had to wait for the connection, on the monotonic clock. */
  readonly #deadlines = new WeakMap<Round, number>();
  /**
   * The shortest round trip of late, in ms. It grows by an eighth at most with each reply, because one late reply says
   * nothing about the next.
   */
  #roundTrip = Infinity;
  readonly #timers: { setTimeout: typeof setTimeout; clearTimeout: typeof clearTimeout };

  /** @param given a fixed timeout in ms; if there is none, the timeout follows from the ttl and from the round trip */
  constructor(runtime: Runtime, given: number | undefined) {
    this.#runtime = runtime;
    this.#given = given;
    // p-timeout calls these as plain functions, so they need no promisified variants, which the types ask for.
    this.#timers = {
      // Read the sockets once more before judging: a timely reply may still be unread.
      setTimeout: ((callback: () => void, ms: number) =>
        runtime.setTimeout(() => runtime.afterSockets(callback), ms)) as typeof setTimeout,
      clearTimeout: ((timer: Timer) => runtime.clearTimeout(timer)) as typeof clearTimeout,
    };
  }

  /** How long the command of an operation may take, in ms. */
  of({ kind, ttl }: Pick<Operation, 'kind' | 'ttl'>): number {
    if (this.#given !== undefined) return this.#given;
    const measured = this.#roundTrip < Infinity ? ROUND_TRIPS * this.#roundTrip : 0;
    const least = FIRST.has(kind) ? measured : Math.min(measured, ttl / 2);
    return Math.min(Math.max(defaultTimeout(ttl), least), LONGEST_DEFAULT);
  }

  /** The node has answered a command after `ms`. */
  measured(ms: number): void {
    const longest = (this.#roundTrip * 9) / 8;
    this.#roundTrip = Math.min(ms, longest);
  }

  /**
   * How long an operation waits for a connection that is being made, in ms. A connection takes several round trips of
   * unknown length.
   */
  allowance(operation: Operation): number {
    const { kind, ttl } = operation;
    if (!FIRST.has(kind)) return this.of(operation);
    const fifth = Math.min(Math.max(ttl / 5, LEAST_ALLOWANCE), ttl / 2, MOST_ALLOWANCE);
    return Math.max(fifth, this.of(operation));
  }

  /** The connection for which a round has waited is there. */
  arrived(round: Round): void {
    const { start, operation } = round;
    const now = this.#runtime.now();
    const end = Math.max(start + this.allowance(operation), now + this.of(operation));
    this.#deadlines.set(round, end);
  }

  /** How long a round may take, in ms. */
  ofRound(round: Round): number {
    const deadline = this.#deadlines.get(round);
    return deadline === undefined ? this.of(round.operation) : deadline - round.start;
  }

  /** How much time a round has left, in ms; not positive when it is over. */
  left(round: Round): number {
    return this.leftOf(this.ofRound(round), round);
  }

  /**
   * How much is left of a time that began with a round, in ms; not positive when it is over.
   * @param ms the length of that time
   */
  leftOf(ms: number, { start }: Round): number {
    return start + ms - this.#runtime.now();
  }

  /**
   * Resolves as `promise` does, or with undefined when `ms`, at least 1, are over and the sockets were read once more.
   */
  limit<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
    const { stackTraceLimit } = Error;
    // Perf: time per command. pTimeout makes its error in advance, and nobody sees it here. Its stack trace would take
    // longer than everything else that the core does for a command.
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
