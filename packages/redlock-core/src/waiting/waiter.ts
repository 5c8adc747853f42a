import { closedError } from '../errors.js';
import type { Claim } from '../protocol/claim.js';
import type { LockKeys } from '../protocol/keys.js';
import type { Entry, Ticketed } from '../protocol/operations.js';
import type { Denial } from '../protocol/replies.js';
import type { AttemptResult, FailedAttempt } from '../quorum/attempt.js';
import type { Quorum } from '../quorum/quorum.js';
import { denialsIn, type Response } from '../quorum/response.js';
import { Pause } from '../time/pause.js';
import type { Runtime } from '../time/runtime.js';
import type { Channel, Subscriber } from './channel.js';
import type { LocalQueue, LocalQueues, Member } from './local-queue.js';
import type { Tickets } from './tickets.js';

/** Limits of the hand-off window, in ms; within them, it is this many round trips. */
const MIN_WINDOW = 10;
const MAX_WINDOW = 1000;
const WINDOW_ROUND_TRIPS = 4;

/** While notifications work, the interval of polls is this many poll intervals, but at most this many ms. */
const POLL_FACTOR = 5;
const MAX_POLL = 1000;

/** For how many polls an entry stays that is not renewed, and for how many ms at least. */
const LEASE_POLLS = 3;
const MIN_LEASE = 1000;

/** Which part of its wait a waiter for several keys keeps those that it was notified for, and when it requests again. */
const KEEP_SHARE = 0.1;
const KEEP_REQUEST = 2 / 3;

/**
 * How often in a row a waiter requests another permit at once. In practice a few times are enough; a permit whose key is no
 * string reads as free and is never granted.
 */
const MAX_MOVES = 16;

/** What everybody who waits in this process shares. */
export interface WaiterServices {
  readonly runtime: Runtime;
  readonly quorum: Pick<Quorum, 'size' | 'count' | 'roundTrip' | 'nodeTimeout' | 'leave'>;
  readonly tickets: Tickets;
  readonly channel: Channel;
  readonly queues: LocalQueues<Waiter>;
  /** When the ticket of a lock was first granted, on the monotonic clock, for locks that were waited for. */
  readonly firstGrants: WeakMap<Claim, number>;
  /** Aborts when the Redlock is closed. */
  readonly closed: AbortSignal;
}

/** What a caller waits for, and how. */
export interface WaitTerms {
  /** For a semaphore: those of any permit. */
  readonly keys: LockKeys;
  readonly resources: readonly string[];
  readonly ttl: number;
  /** In ms, as the options of the same name. */
  readonly pollInterval: number;
  /** The random part of the interval where notifications do not work, in ms. */
  readonly pollJitter: number;
  /** For how long attempts may begin, in ms since the start. */
  readonly wait: number;
  /** When the caller called, on the monotonic clock. */
  readonly start: number;
  /** The one of the first request. */
  readonly ticket: Ticketed | null;
  readonly signal: AbortSignal | undefined;
  /** Makes one attempt. */
  attempt(keys: LockKeys, queue: Ticketed | null): Promise<AttemptResult>;
}

/** A ticket that a lock of this process hands on. */
export interface Inheritance {
  readonly ticket: number;
  /** When it was first granted, on the monotonic clock. */
  readonly since: number;
}

/** For how long a notified process has time to come back, in ms. */
export function windowOf(roundTrip: number): number {
  return Math.min(MAX_WINDOW, Math.max(MIN_WINDOW, Math.ceil(WINDOW_ROUND_TRIPS * roundTrip)));
}

/** The interval of polls while notifications work, in ms. */
function pollOf(pollInterval: number): number {
  return Math.max(pollInterval, Math.min(POLL_FACTOR * pollInterval, MAX_POLL));
}

/** For how long an entry stays that is not renewed, in ms. */
export function leaseOf(pollInterval: number): number {
  return Math.max(MIN_LEASE, Math.ceil(LEASE_POLLS * pollOf(pollInterval)));
}

/** One caller that waits: a loop that makes attempts, reads why they failed, and requests again when that may have changed. */
export class Waiter implements Member<Waiter>, Subscriber {
  previous: Waiter | null = null;
  next: Waiter | null = null;
  isDrawn = false;
  readonly #services: WaiterServices;
  readonly #terms: WaitTerms;
  readonly #queue: LocalQueue<Waiter>;
  readonly #deadline: number;
  /** The keys of the latest request. */
  #keys: LockKeys;
  #ticket: number | null;
  /** For a ticket that was handed on: when it was first granted. */
  #since: number | null = null;
  /** Whether nodes may have an entry with the ticket, and whether the latest request asked for one. */
  #hasEntry: boolean;
  #wasEntered: boolean;
  /** When it requests again. Infinity: when another waiter lets it. */
  #at = Infinity;
  #pause: Pause | null = null;
  #isRequesting = false;
  #hasRequested: boolean;
  /** The nodes that have notified it since its latest request was sent, and when the first of them did. */
  readonly #notifiedBy = new Set<number>();
  #notifiedAt = Infinity;
  /** How many notifications have named each permit since then. Perf: memory of a waiter. */
  #hints: Map<number, number> | null = null;
  /** The permit to request next. */
  #permit: number | null = null;
  #splits = 0;
  #moves = 0;
  /** Until when keys are kept that it was notified for; null: no period has begun. */
  #keepEnd: number | null = null;
  #keep = 0;

  constructor(services: WaiterServices, terms: WaitTerms, first: FailedAttempt | null) {
    this.#services = services;
    this.#terms = terms;
    this.#queue = services.queues.getOrMake(terms.keys);
    this.#deadline = terms.start + terms.wait;
    this.#keys = terms.keys;
    this.#ticket = terms.ticket?.ticket ?? null;
    this.#hasEntry = this.#wasEntered = first !== null && (terms.ticket?.entry ?? null) !== null;
    this.#hasRequested = first !== null;
  }

  /**
   * Waits until the lock is granted, or until the time is over.
   * @returns the grant, or why the latest attempt on these keys failed
   * @throws the reason of the caller's signal, or RedlockError (`CLOSED`)
   */
  async run(first: FailedAttempt | null): Promise<AttemptResult> {
    const { channel, firstGrants, runtime } = this.#services;
    channel.join();
    this.#queue.join(this);
    if (first) this.#read(first);
    else if (this.#queue.head === this) this.#at = 0;
    // Made now, so that tickets are in the order of the calls.
    this.#ticket ??= this.#services.tickets.make(this.#terms.start);
    if (this.#hasEntry && this.#ticket !== null) channel.listen(this.#ticket, this);
    let isGranted = false;
    try {
      for (;;) {
        const latest = await this.#rest();
        if (latest) return latest;
        const result = await this.#request();
        if (!result.granted) continue;
        isGranted = true;
        firstGrants.set(result.claim, this.#since ?? runtime.now());
        return result;
      }
    } finally {
      this.#end(isGranted);
    }
  }

  /** Whether the wait is over, so that it will request no more. */
  hasEnded(now: number): boolean {
    const { closed } = this.#services;
    return now >= this.#deadline || closed.aborted || this.#terms.signal?.aborted === true;
  }

  requestAt(time: number): void {
    if (time >= this.#at) return;
    this.#at = time;
    this.#pause?.end();
  }

  notified(node: number, permit: number | null): void {
    const { head } = this.#queue;
    if (head !== this && !this.isDrawn) {
      // This one has an entry from its first request. The head is ahead of it.
      head?.notified(node, permit);
      return;
    }
    if (permit !== null) {
      this.#hints ??= new Map();
      this.#hints.set(permit, (this.#hints.get(permit) ?? 0) + 1);
    }
    if (this.#notifiedBy.size === 0) this.#notifiedAt = this.#services.runtime.now();
    this.#notifiedBy.add(node);
    if (!this.#isRequesting) this.requestAt(this.#notifiedDue);
  }

  subscribed(): void {
    this.requestAt(0);
  }

  unsubscribed(): void {
    if (this.#queue.head !== this || this.#isRequesting) return;
    this.requestAt(this.#services.runtime.now() + this.#poll());
  }

  /**
   * A lock of this process is about to be released, and this waiter, the head, requests in the same command.
   * @param inheritance what it may take over of that lock
   * @param permit for a semaphore: the one that is released
   * @returns the tickets whose entries the release removes; null: that of the lock
   */
  handOver(inheritance: Inheritance | null, permit: number | null): readonly number[] | null {
    if (this.#isRequesting) {
      // That request was sent before the release. If it is denied, another one follows.
      const { quorum, runtime } = this.#services;
      for (let node = 0; node < quorum.count; node++) this.#notifiedBy.add(node);
      this.#notifiedAt = runtime.now();
      return null;
    }
    this.#permit = permit;
    this.#hints = null;
    this.requestAt(0);
    const own = this.#ticket;
    if (inheritance === null || (own !== null && own <= inheritance.ticket)) return null;
    const left = this.#hasEntry && own !== null ? [own] : [];
    const { channel } = this.#services;
    for (const ticket of left) channel.ignore(ticket);
    this.#ticket = inheritance.ticket;
    this.#since = inheritance.since;
    // Nodes that did not grant the lock may have an entry with its ticket.
    this.#hasEntry = true;
    channel.listen(inheritance.ticket, this);
    return left;
  }

  /** The lock of the former head was granted. Until it is released, the key can only become free by its expiry. */
  follow(ttl: number): void {
    this.requestAt(this.#services.runtime.now() + Math.min(pollOf(this.#terms.pollInterval), ttl));
  }

  /**
   * Waits until it is time to request.
   * @returns why the latest attempt failed, if the time to wait is over; null: it is time
   */
  async #rest(): Promise<FailedAttempt | null> {
    const { runtime, closed } = this.#services;
    const { signal, resources } = this.#terms;
    for (;;) {
      signal?.throwIfAborted();
      if (closed.aborted) throw closedError(resources);
      const now = runtime.now();
      if (now >= this.#deadline) return this.#queue.latest;
      if (this.#at <= now) return null;
      const ms = Math.min(this.#at, this.#deadline) - now;
      this.#pause = new Pause(ms, runtime, [signal, closed]);
      await this.#pause.over;
      this.#pause = null;
    }
  }

  async #request(): Promise<AttemptResult> {
    this.#keys = this.#choose();
    const queue = this.#ticketed();
    this.#wasEntered = queue?.entry != null;
    this.#hasRequested = true;
    this.#notifiedBy.clear();
    this.#notifiedAt = Infinity;
    this.#hints = null;
    this.#at = Infinity;
    this.#isRequesting = true;
    const result = await this.#terms.attempt(this.#keys, queue);
    this.#isRequesting = false;
    if (!result.granted && result.verdict !== 'aborted') this.#read(result);
    return result;
  }

  /** What the next request says to the queues; null: it has no ticket. */
  #ticketed(): Ticketed | null {
    const { runtime, quorum, tickets, channel } = this.#services;
    const { start, ttl, pollInterval, keys } = this.#terms;
    if (this.#ticket !== null && tickets.isAhead(this.#ticket, start)) this.#dropTicket();
    const ticket = (this.#ticket ??= tickets.make(start));
    if (ticket === null) return null;
    const window = windowOf(quorum.roundTrip);
    let entry: Entry | null = null;
    if (keys.queued && channel.canEnter(quorum.nodeTimeout(ttl))) {
      this.#keep = this.#keepFor(runtime.now(), window);
      entry = { lease: leaseOf(pollInterval), keep: this.#keep };
      this.#hasEntry = true;
      channel.listen(ticket, this);
    }
    return { ticket, channel: channel.name, window, entry };
  }

  #dropTicket(): void {
    const { channel } = this.#services;
    if (this.#ticket !== null) channel.ignore(this.#ticket);
    this.#leaveQueues();
    this.#ticket = this.#since = null;
  }

  /**
   * For how long nodes keep keys that it was notified for while it waits for the others, in ms. 0: they are given up, and
   * a new period begins with the next request. Lower tickets pass it, so there is no deadlock. The period grows with the
   * wait until it spans the time for which others hold the keys, so there is no starvation.
   */
  #keepFor(now: number, window: number): number {
    const { keys, ttl, start } = this.#terms;
    if (keys.keys.length === 1 || !this.#hasRequested) return 0;
    this.#keepEnd ??= now + Math.min(ttl, Math.max(window, KEEP_SHARE * (now - start)));
    const keep = Math.floor(Math.min(ttl, this.#keepEnd - now));
    if (keep >= 1) return keep;
    this.#keepEnd = null;
    return 0;
  }

  /** Reads why an attempt failed. */
  #read(failed: FailedAttempt): void {
    this.#services.tickets.noteDenials(failed);
    this.#queue.latest = failed;
    if (this.isDrawn) this.#queue.putBack(this);
    this.#at = this.#queue.head === this ? this.#nextRequest(failed) : Infinity;
  }

  /** When to request again after an attempt has failed. */
  #nextRequest({ verdict, responses }: FailedAttempt): number {
    const { runtime, quorum, channel, tickets } = this.#services;
    const { keys, ttl, start } = this.#terms;
    const now = runtime.now();
    const { roundTrip } = quorum;
    if (this.#isGivenRoom(responses) && this.#moves++ < MAX_MOVES) return now;
    this.#ticket ??= tickets.make(start);
    if (!this.#wasEntered && keys.queued && channel.isOpen && this.#ticket !== null) {
      const nodeTimeout = quorum.nodeTimeout(ttl);
      if (channel.canEnter(nodeTimeout)) return now;
      channel.awaitConfirmation(this);
      const confirmsBy = channel.confirmsBy(nodeTimeout);
      if (confirmsBy > now) return confirmsBy;
    }
    let at = now + this.#poll();
    const denied = responses.filter((response) => denialsIn(response).length > 0);
    // Nodes that granted have dropped the entry, and their withdrawals notify nobody.
    if (verdict === 'split' || denied.length < quorum.size) {
      at = Math.min(at, now + roundTrip * 2 ** this.#splits++ * (1 + runtime.random() / 2));
    } else this.#splits = 0;
    const window = windowOf(roundTrip);
    at = Math.min(at, now + this.#freeIn(responses, window));
    if (this.#keep > 0) {
      const isKept = denied.some((response) => denialsIn(response).length < keys.keys.length);
      if (isKept) at = Math.min(at, now + Math.max(window / 2, this.#keep * KEEP_REQUEST));
      else this.#keepEnd = null;
    }
    return Math.min(at, this.#notifiedDue);
  }

  /** When enough nodes have notified it: a quorum has, or there was a round trip of time for the others. */
  get #notifiedDue(): number {
    const { quorum } = this.#services;
    if (this.#notifiedBy.size >= quorum.size) return 0;
    return this.#notifiedAt + quorum.roundTrip;
  }

  /** The time until the next poll, in ms. */
  #poll(): number {
    const { runtime, quorum, channel } = this.#services;
    const { pollInterval, pollJitter, keys } = this.#terms;
    const random = runtime.random();
    const ms =
      keys.queued && channel.isConfirmed
        ? pollOf(pollInterval) * (0.9 + 0.2 * random)
        : pollInterval + pollJitter * random;
    return Math.max(ms, quorum.roundTrip);
  }

  /** In how many ms what denied it has run out on a quorum of nodes; Infinity: that is unknown, or it has already. */
  #freeIn(responses: readonly Response[], window: number): number {
    const { quorum } = this.#services;
    const remaining: number[] = [];
    let rank = 0;
    for (const response of responses) {
      const denials = denialsIn(response);
      if (denials.length > 0) {
        remaining.push(Math.max(...denials.map((denial) => denial.remaining)));
        rank = Math.max(rank, ...denials.map((denial) => denial.rank));
      } else if (response.reading.vote === 'granted') remaining.push(0);
    }
    const ms = remaining.toSorted((a, b) => a - b)[quorum.size - 1] ?? Infinity;
    // Redis rounds what is left of an expiry.
    return ms > 0 ? ms + 1 + rank * window : Infinity;
  }

  /** The keys of the next request. */
  #choose(): LockKeys {
    const { keys } = this.#terms;
    const { semaphore } = keys;
    if (!semaphore) return keys;
    const { permits } = semaphore;
    const { runtime } = this.#services;
    const { latest } = this.#queue;
    let named = this.#permit ?? (latest && this.#anyFree(latest.responses));
    let most = 0;
    for (const [permit, count] of this.#hints ?? []) {
      if (count > most && permit < permits) [named, most] = [permit, count];
    }
    this.#permit = null;
    return keys.ofPermit(
      named !== null && named < permits ? named : Math.floor(runtime.random() * permits),
    );
  }

  /** One of the permits that are free on a quorum of nodes, or else on the most; null: none is free anywhere. */
  #anyFree(responses: readonly Response[]): number | null {
    const { runtime, quorum } = this.#services;
    const tally = new Map<number, number>();
    for (const { free } of permitDenials(responses)) {
      for (const permit of free) tally.set(permit, (tally.get(permit) ?? 0) + 1);
    }
    const enough = Math.min(quorum.size, Math.max(0, ...tally.values()));
    const candidates = [...tally].filter(([, count]) => count >= enough);
    return candidates[Math.floor(runtime.random() * candidates.length)]?.[0] ?? null;
  }

  /** Whether a permit is free on a quorum of nodes, and a quorum would grant another one than was named. */
  #isGivenRoom(responses: readonly Response[]): boolean {
    const { size } = this.#services.quorum;
    const denials = permitDenials(responses);
    if (denials.filter(({ room }) => room).length < size) {
      this.#moves = 0;
      return false;
    }
    return denials.some(({ free }) =>
      free.some((permit) => denials.filter((each) => each.free.includes(permit)).length >= size),
    );
  }

  #leaveQueues(): void {
    const { quorum, channel } = this.#services;
    if (!this.#hasEntry || this.#ticket === null) return;
    quorum.leave(this.#keys, { channel: channel.name, tickets: [this.#ticket] });
    this.#hasEntry = false;
  }

  #end(isGranted: boolean): void {
    const { channel, queues } = this.#services;
    if (this.#ticket !== null) channel.ignore(this.#ticket);
    channel.stopAwaiting(this);
    channel.leave();
    if (!isGranted) this.#leaveQueues();
    const head = this.#queue.leave(this, isGranted);
    if (this.#queue.isEmpty) queues.drop(this.#queue);
    // Of a semaphore, other permits may be free.
    if (isGranted && this.#keys.semaphore === null) head?.follow(this.#terms.ttl);
    else head?.requestAt(0);
  }
}

function permitDenials(responses: readonly Response[]): readonly Denial[] {
  return responses.flatMap((response) => denialsIn(response));
}
