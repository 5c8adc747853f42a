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

/** The fallback poll grows to so many times `retryDelay` while announcements are heard. */
const MOST_DELAYS = 10;

/** Whom a waiter takes into account when all are told at once. */
const MOST_RIVALS = 4;

/** Its time was over while others of this process had the lock one after another. */
const HELD_HERE: Refused = { granted: false, refusal: 'held', responses: [] };

/** What waiters of one Redlock share. */
export interface WaiterServices {
  readonly lines: WaitingLines;
  readonly announcements: Announcements;
  readonly quorum: Pick<Quorum, 'nodes' | 'size'>;
  readonly runtime: Runtime;
  readonly cancellation: Cancellation;
}

/**
 * One who waits for a lock: in line with others of this process, and at its head for what the nodes
 * announce, for the holder's ttl, or for the next poll, whichever is first (design section 7).
 */
export class Waiter implements QueueEntry {
  readonly arrival: number;
  readonly #services: WaiterServices;
  readonly #request: OwnerRequest;
  readonly #deadline: number;
  /** The resource in whose line it stands. Who wants several learns from the nodes which one. */
  #resource: string | null = null;
  #line: WaitingLine | null = null;
  #latest: Refused | null = null;
  #rest: Pause | null = null;
  /** A lock of this process was released, and it is next. */
  #next = false;
  /** While it listens. */
  #free: FreeNodes | null = null;
  readonly #unlisten: (() => void)[] = [];
  /** How often it was told in vain. */
  #wakeUps = 0;
  /** Polls in a row. */
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

  /** Whether it may ask the nodes, now: in the next microtask it may be different. */
  get isTurn(): boolean {
    return this.#line?.isTurnOf(this) ?? true;
  }

  /** Resolves when it may be its turn. Rejects when its time is over before that. */
  async turn(): Promise<void> {
    const left = this.#deadline - this.#services.runtime.now();
    // Without any answer to pass on, the one that is under way is waited for.
    if (left <= 0 && this.#answer)
      throw requestError(this.#services.lines, this.#request, this.#answer);
    await this.#resting(left > 0 ? left : Infinity);
    if (this.isTurn && this.#services.runtime.now() >= this.#deadline) {
      throw requestError(this.#services.lines, this.#request, this.#answer ?? HELD_HERE);
    }
  }

  /** Why it has nothing yet, or why the last of this process who asked has not. */
  get #answer(): Refused | null {
    return this.#latest ?? this.#line?.latest ?? null;
  }

  /** It is about to ask the nodes: what is announced from here on counts. */
  asking(): void {
    const { announcements } = this.#services;
    this.#next = false;
    if (announcements.isIdle) return;
    const { channels } = this.#request.lockKeys;
    if (channels.some((channel) => announcements.isOpen(channel))) this.#listen();
    this.#free?.forget();
  }

  /** Resolves when it is worth asking again. Rejects when its time is over before that. */
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
      // An attempt may fail without any wait, so this must: else the event loop would never turn.
      if (now >= pollAt && rested) {
        this.#polls++;
        return;
      }
      await this.#resting(Math.max(Math.min(freeAt, pollAt, this.#deadline) - now, 0));
      rested = true;
    }
    this.#polls = 0;
    // Others were told in the same moment. One of them is first by chance, and the more there seem to
    // be, the more room chance needs: else all of them split the votes.
    const rivals = Math.min(++this.#wakeUps, MOST_RIVALS);
    const pause = runtime.random() * rivals * roundTripOf(refused.responses);
    await this.#resting(Math.min(pause, this.#deadline - runtime.now()));
  }

  leave(): void {
    for (const unlisten of this.#unlisten) unlisten();
    this.#leaveLine();
  }

  /** It blocks nobody who waits for a resource that did not deny it. */
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
   * Its own resource has become free while another is still held: it blocks nobody who wants that alone, and
   * waits behind the holder of the other.
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

  /** Among others that it wants. */
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
        // Once, or the pause among rivals would be cut short.
        const isFree = free.announced(node, resource, now);
        if (isFree || (this.#standsFor(resource) && free.isFree(resource, now))) this.wake();
      };
      this.#unlisten.push(announcements.listen(channel, listener));
    }
  }

  /** In ms. A net, once announcements are heard; until they are, as often as the caller wants. */
  #pollDelay(): number {
    const { retryDelay, retryJitter, ttl } = this.#request;
    const jitter = this.#services.runtime.random() * retryJitter;
    if (this.#hearsQuorum()) return retryDelay * Math.min(2 ** this.#polls, MOST_DELAYS) + jitter;
    // What was released between the try and the subscription was not heard.
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
