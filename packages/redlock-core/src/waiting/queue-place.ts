import type { Refused } from '../attempt/refused.js';
import type { Request } from '../attempt/request.js';
import { denialsIn } from '../attempt/refusal.js';
import type { Runtime } from '../time/runtime.js';
import { MOST_POLL_DELAYS } from './next-try.js';
import type { Tickets } from './tickets.js';
import type { WaitingLines } from './waiting-lines.js';

/** A queue outlives the longest poll of those who wait in it by this, in ms, up to a day. */
const SPARE = 1000;
const LONGEST_EXPIRY = 24 * 60 * 60_000;

/** The place of one waiter in the queues of the nodes: its ticket, and what its commands say about it. */
export class QueuePlace {
  readonly arrival: number;
  readonly #request: Request;
  readonly #runtime: Runtime;
  readonly #lines: Pick<WaitingLines, 'memberOf'>;
  readonly #tickets: Tickets;
  /** The highest that the waiter was given, in microseconds; null: none yet. */
  #ticket: number | null = null;

  /** @param lines tell which member stands for this process in a queue */
  constructor(
    request: Request,
    runtime: Runtime,
    lines: Pick<WaitingLines, 'memberOf'>,
    tickets: Tickets,
  ) {
    this.arrival = runtime.now();
    this.#request = request;
    this.#runtime = runtime;
    this.#lines = lines;
    this.#tickets = tickets;
  }

  /** The entries with which a try that is denied enters the queue, one for each key. */
  entries(reservation: number): readonly string[] {
    return this.#keys.map((key) => this.#entry(key, reservation));
  }

  /**
   * The entries of a try that enters no queue. By its ticket, it is not denied by processes that have come later.
   */
  passing(reservation: number): readonly string[] {
    this.#ticket ??= this.#tickets.estimate(this.arrival);
    return this.entries(reservation).map((entry) => `?${entry}`);
  }

  /**
   * The entries of the release after a try that has failed, one for each key: the waiter enters the queue of the key
   * that it stands for again.
   * @param standsFor the position of that key
   * @param quiet whether nobody is called, because others hold a quorum
   */
  withdrawal(standsFor: number, quiet: boolean, reservation: number): readonly string[] {
    return this.#keys.map((key, position) => {
      if (position === standsFor) return (quiet ? '=' : '+') + this.#entry(key, reservation);
      return quiet ? '=' : '';
    });
  }

  /** The entry of a release with which the waiter enters the queue of a key without a try of its own. */
  handOver(key: string, reservation: number): string {
    this.#ticket ??= this.#tickets.estimate(this.arrival);
    return `+${this.#entry(key, reservation)}`;
  }

  /** Takes the ticket that the nodes gave, unless the waiter has one. */
  refused(refused: Refused): void {
    if (this.#ticket !== null) return;
    const given = denialsIn(refused).flatMap(({ ticket }) => ticket ?? []);
    if (given.length === 0) return;
    this.#ticket = Math.max(...given);
    this.#tickets.note(this.#ticket, this.arrival);
  }

  get #keys(): readonly string[] {
    return this.#request.lockKeys.lines;
  }

  #entry(key: string, reservation: number): string {
    const waited = this.#runtime.now() - this.arrival;
    const ticket = this.#ticket ?? -Math.floor(waited * 1000);
    const { wait, retryDelay, retryJitter, lockKeys } = this.#request;
    const poll = MOST_POLL_DELAYS * retryDelay + retryJitter;
    const left = Math.min(Math.max(wait - waited, 0), poll) + SPARE;
    const expiry = Math.ceil(Math.min(left, LONGEST_EXPIRY));
    return `${ticket}:${expiry}:${this.#lines.memberOf(key, reservation, lockKeys.mode)}`;
  }
}
