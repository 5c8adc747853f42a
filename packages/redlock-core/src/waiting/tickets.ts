import type { FailedAttempt } from '../quorum/attempt.js';
import type { Runtime } from '../time/runtime.js';

/** How far a ticket may lie ahead of the nodes' clocks before they must have been set back, in µs. */
const SET_BACK = 1_000_000;

/** Limits of the hand-off window, in ms; within them, it is this many round trips. */
const MIN_WINDOW = 10;
const MAX_WINDOW = 1000;
const WINDOW_ROUND_TRIPS = 4;

/** What a node's clock shows more than the monotonic clock of this process, in µs. */
interface Offset {
  readonly us: number;
  /** Its maximal error: half a round trip. */
  readonly error: number;
}

/**
 * Makes tickets: whole numbers of µs, the time of a call by the nodes' clocks. Tickets of all processes can be compared,
 * although no node and no process has the right time.
 */
export class Tickets {
  readonly #runtime: Runtime;
  readonly #offsets: (Offset | undefined)[] = [];
  /** The lower median of the offsets; null: no node's clock is known yet. */
  #offset: number | null = null;
  #latest = -Infinity;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** Learns the clocks of the nodes that denied. */
  noteDenials({ responses, startedAt }: FailedAttempt): void {
    for (const { index, reading, duration, sentAt } of responses) {
      if (reading.vote !== 'denied' || typeof reading.detail !== 'object') continue;
      const received = startedAt + duration;
      const sent = Math.min(Math.max(sentAt, startedAt), received);
      this.note(index, reading.detail.time, (sent + received) / 2, received - sent);
    }
  }

  /**
   * Learns the clock of a node. Of several measures, the one with the shortest round trip is kept, until a newer one
   * contradicts it.
   * @param timeUs the node's clock, in µs
   * @param midMono the monotonic clock of this process in the middle of the command, in ms
   * @param roundTrip how long the command took, in ms; Infinity: unknown
   */
  note(node: number, timeUs: number, midMono: number, roundTrip = Infinity): void {
    const offset: Offset = { us: timeUs - midMono * 1000, error: roundTrip * 500 };
    const known = this.#offsets[node];
    if (known && offset.error > known.error) {
      if (Math.abs(offset.us - known.us) <= offset.error + known.error) return;
    }
    this.#offsets[node] = offset;
    const all = this.#offsets.flatMap((each) => (each ? [each.us] : [])).toSorted((a, b) => a - b);
    this.#offset = all[(all.length - 1) >> 1] ?? null;
  }

  /**
   * Makes a ticket, never the same twice.
   * @param start when the caller called, on the monotonic clock
   * @returns null: no node's clock is known yet
   */
  make(start: number): number | null {
    if (this.#offset === null) return null;
    return (this.#latest = this.#next(start, this.#offset));
  }

  /**
   * Whether the nodes' clocks were set back since a ticket was made. Without a new one, its caller would be behind all
   * that come until the clocks show the former time again. A ticket that was made late, behind those of later calls, is
   * ahead of the call too, but a new one would be no lower.
   */
  isAhead(ticket: number, start: number): boolean {
    if (this.#offset === null || !isAhead(ticket, start, this.#offset)) return false;
    return this.#next(start, this.#offset) < ticket;
  }

  #next(start: number, offset: number): number {
    const ticket = Math.round(start * 1000 + offset);
    const isFree = ticket > this.#latest || isAhead(this.#latest, this.#runtime.now(), offset);
    return isFree ? ticket : this.#latest + 1;
  }
}

function isAhead(ticket: number, start: number, offset: number): boolean {
  return ticket > start * 1000 + offset + SET_BACK;
}

/** The hand-off window: for how long a notified process has time to come back, in ms. */
export function windowOf(roundTrip: number): number {
  return Math.min(MAX_WINDOW, Math.max(MIN_WINDOW, Math.ceil(WINDOW_ROUND_TRIPS * roundTrip)));
}
