import type { Refused } from '../attempt/attempt.js';
import { roundTripOf } from '../node/response.js';
import { defaultTimeout } from '../node/deadlines/node-timeout.js';
import type { Pause } from '../time/pause.js';
import { isBusy } from '../attempt/refusal.js';
import type { Cancellation } from '../attempt/cancellation.js';
import type { Quorum } from '../quorum/quorum.js';
import type { Runtime } from '../time/runtime.js';
import type { Announcements } from './announcements.js';
import { requestError, type OwnerRequest } from './own-holder.js';
import type { WaitingLines } from './waiting-lines.js';
import { FreeNodes } from './free-nodes.js';
import type { QueueEntry, WaitingLine } from './waiting-line.js';

/** The interval of the fallback poll grows to this many times `retryDelay` while announcements are heard. */
const MOST_DELAYS = 10;

/** The most competitors assumed when retries are spread out. */
const MOST_RIVALS = 4;

/** Reported when `wait` ends before this caller could ask the nodes at all. */
const HELD_HERE: Refused = { granted: false, refusal: 'held', responses: [] };

/** Everything that the waiters of one Redlock share. */
export interface WaiterServices {
  readonly lines: WaitingLines;
  readonly announcements: Announcements;
  readonly quorum: Pick<Quorum, 'nodes' | 'size'>;
  readonly runtime: Runtime;
  readonly cancellation: Cancellation;
}

/**
 * A call that waits for a lock. It stands in line with other callers of this process. At the head of the line it waits
 * for announcements, for the end of the holder's ttl or for the next poll, whichever is first.
 */
export class Waiter implements QueueEntry {
  readonly arrival: number;
  readonly #services: WaiterServices;
  readonly #request: OwnerRequest;
  readonly #deadline: number;
  /**
   * The resource in whose line the waiter stands; null: in none. Of several resources, the nodes tell which one is
   * held.
   */
  #resource: string | null = null;
  #line: WaitingLine | null = null;
  /** The latest attempt of this waiter. */
  #latest: Refused | null = null;
  /** The pause that the waiter is in, or was in last. */
  #rest: Pause | null = null;
  /** A lock of this process is being released, and this waiter is next. */
  #next = false;
  /** The nodes that are free, as far as is known; null until the waiter listens to announcements. */
  #free: FreeNodes | null = null;
  readonly #unlisten: (() => void)[] = [];
  /** How often the waiter was woken because a quorum seemed free. */
  #wakeUps = 0;
  /** How many polls there were in a row. */
  #polls = 0;

  constructor(services: WaiterServices, request: OwnerRequest) {
    const { resources, wait } = request;
    this.arrival = services.lines.arrive();
    this.#services = services;
    this.#request = request;
    this.#deadline = services.runtime.now() + wait;
    if (resources.length === 1) this.#standInLine(0);
  }

  wake(): void {
    this.#rest?.end();
  }

  next(): void {
    this.#next = true;
    this.wake();
  }

  /** Whether the waiter may ask the nodes now. That may change in the next microtask. */
  get isTurn(): boolean {
    return this.#line?.isTurnOf(this) ?? true;
  }

  /** Resolves when it may be this waiter's turn. Rejects if `wait` is over before that. */
  async turn(): Promise<void> {
    const left = this.#deadline - this.#services.runtime.now();
    // If there is no answer yet that an error could tell, the attempt that is under way is waited for.
    if (left <= 0 && this.#answer)
      throw requestError(this.#services.lines, this.#request, this.#answer);
    await this.#resting(left > 0 ? left : Infinity);
    if (this.isTurn && this.#services.runtime.now() >= this.#deadline) {
      throw requestError(this.#services.lines, this.#request, this.#answer ?? HELD_HERE);
    }
  }

  /** The latest attempt of this waiter, or else the latest one of its line. */
  get #answer(): Refused | null {
    return this.#latest ?? this.#line?.latest ?? null;
  }

  /** The waiter is about to ask the nodes: only announcements from now on count. */
  asking(): void {
    const { announcements } = this.#services;
    this.#next = false;
    if (announcements.isIdle) return;
    const { channels } = this.#request.lockKeys;
    if (channels.some((channel) => announcements.isOpen(channel))) this.#listen();
    this.#free?.forget();
  }

  /** Resolves when it is worth asking again. Rejects if `wait` is over before that. */
  async refused(refused: Refused): Promise<void> {
    const { runtime } = this.#services;
    this.#latest = refused;
    this.#standBehindHolder(refused);
    this.#line?.refused(refused);
    if (isBusy(refused) && this.isTurn) this.#listen();
    this.#free?.learn(refused, runtime.now());
    const pollAt = runtime.now() + this.#pollDelay();
    let rested = false;
    for (;;) {
      const now = runtime.now();
      if (now >= this.#deadline) throw requestError(this.#services.lines, this.#request, refused);
      this.#standBehindWhoeverHolds(now);
      if (this.#next || !this.isTurn) return;
      const freeAt = isBusy(refused) && this.#free ? this.#free.freeAt : Infinity;
      if (freeAt <= now) break;
      // Rest at least once: an attempt may fail without any wait, and without a rest the event loop would never turn.
      if (now >= pollAt && rested) {
        this.#polls++;
        return;
      }
      await this.#resting(Math.max(Math.min(freeAt, pollAt, this.#deadline) - now, 0));
      rested = true;
    }
    this.#polls = 0;
    // Others were woken at the same moment, and all of them would split the votes. A random pause makes one of them
    // first. The more competitors there seem to be, the longer the pauses must spread.
    const rivals = Math.min(++this.#wakeUps, MOST_RIVALS);
    const pause = runtime.random() * rivals * roundTripOf(refused.responses);
    await this.#resting(Math.min(pause, this.#deadline - runtime.now()));
  }

  leave(): void {
    for (const unlisten of this.#unlisten) unlisten();
    this.#leaveLine();
  }

  /**
   * Moves to the line of a resource that was denied, so that the waiter blocks nobody who waits for one that was not.
   */
  #standBehindHolder({ responses }: Refused): void {
    const { resources } = this.#request;
    const denied = responses.flatMap(({ detail }) =>
      typeof detail === 'object' ? detail.map(({ resource }) => resource) : [],
    );
    const [first] = denied;
    if (first === undefined || denied.some((index) => resources[index] === this.#resource)) return;
    this.#leaveLine();
    this.#standInLine(first);
  }

  /**
   * Moves to the line of a resource that is still held, if the one in whose line the waiter stands has become free. So
   * it blocks nobody who wants only the free one.
   */
  #standBehindWhoeverHolds(now: number): void {
    const { resources } = this.#request;
    const free = this.#free;
    if (!free || resources.length === 1 || this.#resource === null) return;
    if (free.freeAt <= now || !free.isFree(resources.indexOf(this.#resource), now)) return;
    const held = resources.findIndex((_, index) => !free.isFree(index, now));
    if (held < 0) return;
    this.#leaveLine();
    this.#standInLine(held);
  }

  #standInLine(index: number): void {
    this.#resource = this.#request.resources[index] ?? null;
    if (this.#resource !== null) this.#line = this.#services.lines.enter(this.#resource, this);
  }

  /** Whether this is the resource in whose line the waiter stands, and it wants others too. */
  #standsFor(resource: number): boolean {
    const { resources } = this.#request;
    return resources.length > 1 && resources[resource] === this.#resource;
  }

  #leaveLine(): void {
    if (this.#resource !== null) this.#services.lines.leave(this.#resource, this);
    this.#resource = null;
    this.#line = null;
  }

  #listen(): void {
    if (this.#free) return;
    const { announcements, quorum, runtime } = this.#services;
    const free = new FreeNodes(quorum.nodes);
    this.#free = free;
    for (const [resource, channel] of this.#request.lockKeys.channels.entries()) {
      const listener = (node: number): void => {
        const now = runtime.now();
        // Wake once only: another wake-up would cut the random pause among competitors short.
        const isFree = free.announced(node, resource, now);
        if (isFree || (this.#standsFor(resource) && free.isFree(resource, now))) this.wake();
      };
      this.#unlisten.push(announcements.listen(channel, listener));
    }
  }

  /**
   * The time until the next poll, in ms. Polls are rare while announcements are heard; otherwise they come as often as
   * the caller wants.
   */
  #pollDelay(): number {
    const { retryDelay, retryJitter, ttl } = this.#request;
    const jitter = this.#services.runtime.random() * retryJitter;
    if (this.#hearsQuorum()) return retryDelay * Math.min(2 ** this.#polls, MOST_DELAYS) + jitter;
    // A release between the last try and the subscription was not heard, so the first poll comes early.
    const settling = this.#polls === 0 && this.#free && this.#services.announcements.available;
    return settling ? Math.min(retryDelay, defaultTimeout(ttl)) + jitter : retryDelay + jitter;
  }

  #hearsQuorum(): boolean {
    const { announcements, quorum } = this.#services;
    const { channels } = this.#request.lockKeys;
    let heard = 0;
    for (let node = 0; node < quorum.nodes; node++) {
      if (channels.every((channel) => announcements.hears(channel, node))) heard++;
    }
    return heard >= quorum.size;
  }

  async #resting(ms: number): Promise<void> {
    const { cancellation } = this.#services;
    this.#rest = cancellation.pauseFor(ms, this.#request);
    await this.#rest.over;
    cancellation.throwIfCancelled(this.#request);
  }
}
