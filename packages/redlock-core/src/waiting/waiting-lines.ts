import { roundTripOf, type Response } from '../node/response.js';
import { Pause } from '../time/pause.js';
import type { Runtime } from '../time/runtime.js';
import type { Announcements } from './announcements.js';
import { WaitingLine, type Held, type QueueEntry } from './waiting-line.js';

/** For how long other processes get a chance: this many round trips, and at least this many ms. */
const STAND_BACK_ROUND_TRIPS = 2;
const LEAST_STAND_BACK = 5;

/**
 * The waiting lines of one Redlock, by resource. There is a line if somebody in this process waits for the resource or
 * holds it.
 *
 * Perf: one map for waiters and holders; V8 frees churned entries only in a full collection.
 */
export class WaitingLines {
  readonly #runtime: Runtime;
  readonly #announcements: Announcements;
  readonly #closed: AbortSignal;
  readonly #lines = new Map<string, WaitingLine>();
  #arrivals = 0;

  constructor(runtime: Runtime, announcements: Announcements, closed: AbortSignal) {
    this.#runtime = runtime;
    this.#announcements = announcements;
    this.#closed = closed;
  }

  /** The lock of this process that holds a resource; null: there is none. */
  holderOf(resource: string): Held | null {
    return this.#lines.get(resource)?.holder ?? null;
  }

  /** @returns the arrival number of a new waiter */
  arrive(): number {
    return this.#arrivals++;
  }

  enter(resource: string, place: QueueEntry): WaitingLine {
    const line = this.#lineFor(resource);
    line.enter(place);
    return line;
  }

  leave(resource: string, place: QueueEntry): void {
    const line = this.#lines.get(resource);
    line?.leave(place);
    if (line?.isIdle) this.#lines.delete(resource);
  }

  held(lock: Held): void {
    for (const resource of lock.resources) this.#lineFor(resource).held(lock);
  }

  /**
   * A lock ends and its release is being sent, so the next waiter can ask for it in the same command.
   * @param freed whether the resources are free after the release
   * @returns whether a line stands back until it is told that the release is decided
   */
  releasing(lock: Held, freed: boolean): boolean {
    let standsBack = false;
    for (const resource of lock.resources) {
      const line = this.#lines.get(resource);
      if (!line) continue;
      line.releasing(lock);
      standsBack ||= line.standingBack;
      if (line.isIdle) this.#lines.delete(resource);
    }
    if (freed && !this.#announcements.isIdle) {
      for (const channel of lock.channels) this.#announcements.announce(channel);
    }
    return standsBack;
  }

  /**
   * The release of a lock is decided.
   * @param responses to the release: each says how many subscribers heard of it on that node
   */
  released(lock: Held, responses: readonly Response<number>[]): void {
    for (const resource of lock.resources) {
      const line = this.#lines.get(resource);
      if (line?.standingBack) void this.#standBack(line, lock.channels, responses);
    }
  }

  async #standBack(
    line: WaitingLine,
    channels: readonly string[],
    responses: readonly Response<number>[],
  ): Promise<void> {
    if (responses.some((response) => this.#othersHeard(response, channels))) {
      const ms = Math.max(STAND_BACK_ROUND_TRIPS * roundTripOf(responses), LEAST_STAND_BACK);
      await new Pause(ms, this.#runtime, [this.#closed]).over;
    }
    line.resume();
  }

  #lineFor(resource: string): WaitingLine {
    let line = this.#lines.get(resource);
    if (!line) this.#lines.set(resource, (line = new WaitingLine(this.#runtime)));
    return line;
  }

  #othersHeard({ index, detail = 0 }: Response<number>, channels: readonly string[]): boolean {
    const own = channels.some((channel) => this.#announcements.hears(channel, index)) ? 1 : 0;
    return detail > own;
  }
}
