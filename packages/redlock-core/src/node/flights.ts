import { LONGEST_TIMER, type Runtime, type Timer } from '../time/runtime.js';
import type { Answer } from './link.js';
import type { Request } from './request.js';
import type { ServerLiveness } from './server-liveness.js';

/** A command that was written. */
export interface Flight {
  readonly request: Request;
  readonly connection: number;
  readonly sentAt: number;
  readonly deadline: number;
  readonly server: ServerLiveness;
  readonly resolve: (answer: Answer) => void;
  readonly answer: Promise<Answer>;
  /** Whether the client has resolved or rejected it. */
  isSettled: boolean;
  /** Whether its deadline has passed: it has failed, although its reply may still come. */
  isLate: boolean;
}

/**
 * The commands in flight to one node, with one timer for all their deadlines.
 *
 * Perf: time per command. An array with a head is never rebuilt, as a set would be, and a timer that fires early is cheaper
 * than one that is cleared with each reply.
 */
export class Flights {
  readonly #runtime: Runtime;
  readonly #onLate: (flights: readonly Flight[], now: number) => void;
  /** The oldest first. Those before `#head` are settled. */
  readonly #flights: Flight[] = [];
  #head = 0;
  #timer: Timer | null = null;
  #timerAt = Infinity;

  /** @param onLate is called with flights whose deadline has passed */
  constructor(runtime: Runtime, onLate: (flights: readonly Flight[], now: number) => void) {
    this.#runtime = runtime;
    this.#onLate = onLate;
  }

  get isEmpty(): boolean {
    return this.#head === this.#flights.length;
  }

  /** Those that the client has neither resolved nor rejected. */
  get unsettled(): readonly Flight[] {
    return this.#flights.slice(this.#head).filter(({ isSettled }) => !isSettled);
  }

  add(flight: Flight): void {
    this.#flights.push(flight);
    this.#arm(flight.deadline);
  }

  settle(flight: Flight): void {
    flight.isSettled = true;
    while (this.#flights[this.#head]?.isSettled) this.#head++;
    if (this.isEmpty) {
      this.#flights.length = 0;
      this.#head = 0;
    } else if (this.#head > 256) {
      this.#flights.splice(0, this.#head);
      this.#head = 0;
    }
  }

  /** Lets no timer run any more. */
  close(): void {
    this.#disarm();
  }

  #arm(deadline: number): void {
    if (this.#timer && this.#timerAt <= deadline) return;
    this.#disarm();
    this.#timerAt = deadline;
    const ms = Math.min(Math.max(Math.ceil(deadline - this.#runtime.now()), 0), LONGEST_TIMER);
    this.#timer = this.#runtime.setTimeout(this.#onTimer, ms);
    this.#timer.unref();
  }

  #disarm(): void {
    if (this.#timer) this.#runtime.clearTimeout(this.#timer);
    this.#timer = null;
    this.#timerAt = Infinity;
  }

  readonly #onTimer = (): void => {
    this.#timer = null;
    this.#timerAt = Infinity;
    // A reply that has arrived may still be unread, so the sockets are read once more before anything is late.
    if (this.#earliest() <= this.#runtime.now()) this.#runtime.afterSockets(this.#judge);
    else this.#rearm();
  };

  readonly #judge = (): void => {
    const now = this.#runtime.now();
    const late = this.unsettled.filter(({ isLate, deadline }) => !isLate && deadline <= now);
    if (late.length > 0) this.#onLate(late, now);
    this.#rearm();
  };

  #rearm(): void {
    const earliest = this.#earliest();
    if (earliest < Infinity) this.#arm(earliest);
  }

  #earliest(): number {
    let earliest = Infinity;
    for (const { isLate, deadline } of this.unsettled) {
      if (!isLate && deadline < earliest) earliest = deadline;
    }
    return earliest;
  }
}
