import { roundTripOf, type Response } from '../node/response.js';
import { Pause } from '../time/pause.js';
import type { Runtime } from '../time/runtime.js';
import type { Announcements } from './announcements.js';
import { WaitingLine, type Held, type QueueEntry } from './waiting-line.js';

/** Others get a chance for so many round trips, and for at least so many ms. */
const STAND_BACK_ROUND_TRIPS = 2;
const LEAST_STAND_BACK = 5;

/**
 * The waiting lines of one Redlock, by resource: of what somebody here waits for or holds.
 *
 * One map for both: what passes through a map, V8 keeps until its next full collection.
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

  /** The lock of this process that holds a resource, if one does. */
  holderOf(resource: string): Held | null {
    return this.#lines.get(resource)?.holder ?? null;
  }

  /** Counts those who have come. */
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
   * A lock ends, and its release is being sent: whoever is next asks for it in the same command.
   * @param freed it is free then
   */
  releasing(lock: Held, freed: boolean): void {
    for (const resource of lock.resources) {
      const line = this.#lines.get(resource);
      line?.releasing(lock);
      if (line?.isIdle) this.#lines.delete(resource);
    }
    if (!freed || this.#announcements.isIdle) return;
    for (const channel of lock.channels) this.#announcements.announce(channel);
  }

  /** @param responses of the release: how many were told of it */
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
