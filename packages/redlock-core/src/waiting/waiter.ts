import { RedlockClosedError } from '../errors.js';
import type { Claim, Entry, Ticketed } from '../protocol/operations.js';
import type { LockKeys } from '../protocol/keys.js';
import { isLocked, type AttemptResult, type FailedAttempt } from '../quorum/attempt.js';
import type { Quorum } from '../quorum/quorum.js';
import { Pause } from '../time/pause.js';
import type { Runtime } from '../time/runtime.js';
import { Notifications, type Channel, type Subscriber } from './channel.js';
import { anyFreePermit, denyingNodes, freeIn, hasRoom, isDeniedInPart } from './denials.js';
import type { LocalQueue, LocalQueues, Member } from './local-queue.js';
import { windowOf, type Tickets } from './tickets.js';
import { blindPollOf, INHERITED_FOR, KeepPeriod, leaseOf, pollOf } from './timing.js';

/**
 * How often in a row a waiter requests another permit at once. In practice a few times are enough; a permit whose key is no
 * string reads as free and is never granted.
 */
const MAX_MOVES = 16;

/** What all waiters of this process share. */
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
  /** When the last attempt may begin, in ms since the start. */
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
  /** Its own ticket, while it has one that was handed on. */
  #ownTicket: number | null = null;
  /** Whether nodes may have an entry with the ticket, and whether the latest request asked for one. */
  #hasEntry: boolean;
  #wasEntered: boolean;
  /** When it requests again. Infinity: when another waiter lets it. */
  #at = Infinity;
  #pause: Pause | null = null;
  #isRequesting = false;
  #hasRequested: boolean;
  /** Whether a request was denied, so that the nodes shall notify this process. */
  #hasJoined = false;
  readonly #notifications = new Notifications();
  /** The permit to request next. */
  #permit: number | null = null;
  #splits = 0;
  #moves = 0;
  readonly #keepPeriod = new KeepPeriod();
  /** How long nodes keep keys for it, by its latest request, in ms. */
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
   * Waits until the lock is granted, or until the time has passed.
   * @returns the grant, or why the latest attempt on these keys failed
   * @throws the reason of the caller's signal, or RedlockClosedError
   */
  async run(first: FailedAttempt | null): Promise<AttemptResult> {
    const { channel, firstGrants, runtime } = this.#services;
    this.#queue.join(this);
    if (first) this.#read(first);
    else if (this.#queue.head === this) this.#at = 0;
    // Make the ticket now, so that tickets are in the order of the calls.
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
        result.claim.hasEntry = this.#hasEntry;
        firstGrants.set(result.claim, this.#since ?? runtime.now());
        return result;
      }
    } finally {
      this.#end(isGranted);
    }
  }

  /** Whether the wait has ended, so that it will request no more. */
  hasEnded(now: number): boolean {
    const { closed } = this.#services;
    return now >= this.#deadline || closed.aborted || this.#terms.signal?.aborted === true;
  }

  requestAt(time: number): void {
    if (time >= this.#at) return;
    this.#at = time;
    this.#pause?.end();
  }

  isAheadOf(other: Waiter): boolean {
    return this.#ticket !== null && other.#ticket !== null && this.#ticket < other.#ticket;
  }

  fallBehind(): void {
    this.#at = Infinity;
  }

  notified(node: number, permit: number | null): void {
    const { head } = this.#queue;
    if (head !== this && !this.isDrawn) {
      // This one has an entry from its first request. The head is ahead of it.
      head?.notified(node, permit);
      return;
    }
    const { runtime, quorum } = this.#services;
    this.#notifications.add(node, permit, runtime.now());
    if (!this.#isRequesting) this.requestAt(this.#notifications.due(quorum));
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
      const now = runtime.now();
      for (let node = 0; node < quorum.count; node++) this.#notifications.add(node, permit, now);
      return null;
    }
    this.#permit = permit;
    this.requestAt(0);
    const own = this.#ticket;
    if (inheritance === null || (own !== null && own <= inheritance.ticket)) return null;
    if (this.#since === null) this.#ownTicket = own;
    const left = this.#hasEntry && own !== null ? [own] : [];
    const { channel } = this.#services;
    for (const ticket of left) channel.ignore(ticket);
    this.#ticket = inheritance.ticket;
    this.#since = inheritance.since;
    // The release removes the entries that kept keys.
    this.#keepPeriod.reset();
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
   * @returns why the latest attempt failed, if the time to wait has passed; null: it is time
   */
  async #rest(): Promise<FailedAttempt | null> {
    const { runtime, closed } = this.#services;
    const { signal, resources } = this.#terms;
    for (;;) {
      signal?.throwIfAborted();
      if (closed.aborted) throw new RedlockClosedError(resources);
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
    this.#notifications.clear();
    this.#at = Infinity;
    this.#isRequesting = true;
    const result = await this.#terms.attempt(this.#keys, queue);
    this.#isRequesting = false;
    if (!result.granted) this.#read(result);
    return result;
  }

  /** What the next request says to the queues; null: it has no ticket. */
  #ticketed(): Ticketed | null {
    const { runtime, quorum, tickets, channel } = this.#services;
    const { start, ttl, pollInterval, keys } = this.#terms;
    if (this.#since !== null && runtime.now() - this.#since >= INHERITED_FOR) {
      this.#dropTicket(this.#ownTicket);
    }
    if (this.#ticket !== null && tickets.isAhead(this.#ticket, start)) this.#dropTicket(null);
    const ticket = (this.#ticket ??= tickets.make(start));
    if (ticket === null) return null;
    let entry: Entry | null = null;
    this.#keep = 0;
    if (keys.queued && channel.canEnter(quorum.nodeTimeout(ttl))) {
      const now = runtime.now();
      const window = windowOf(quorum.roundTrip);
      const keeps = keys.keys.length > 1 && this.#hasRequested;
      if (keeps) this.#keep = this.#keepPeriod.next(now, now - start, window, ttl);
      entry = { lease: leaseOf(pollInterval), window, keep: this.#keep };
      this.#hasEntry = true;
      channel.listen(ticket, this);
    }
    return { ticket, channel: channel.name, entry };
  }

  /** @param ticket the one to wait with from now on; null: a new one */
  #dropTicket(ticket: number | null): void {
    const { channel } = this.#services;
    if (this.#ticket !== null) channel.ignore(this.#ticket);
    this.#leaveQueues();
    this.#keepPeriod.reset();
    this.#ticket = ticket;
    this.#since = null;
  }

  /** Reads why an attempt failed. */
  #read(failed: FailedAttempt): void {
    if (failed.verdict === 'aborted') return;
    const { tickets, channel } = this.#services;
    tickets.noteDenials(failed);
    if (!this.#hasJoined && (this.#hasEntry || isLocked(failed))) {
      this.#hasJoined = true;
      channel.join();
    }
    this.#queue.latest = failed;
    if (this.isDrawn) this.#queue.putBack(this);
    this.#at = this.#queue.head === this ? this.#nextRequest(failed) : Infinity;
  }

  /** When to request again after an attempt has failed. */
  #nextRequest({ verdict, responses }: FailedAttempt): number {
    const { runtime, quorum, tickets } = this.#services;
    const { keys, start } = this.#terms;
    const now = runtime.now();
    if (!hasRoom(responses, quorum)) this.#moves = 0;
    else if (this.#moves++ < MAX_MOVES) return now;
    this.#ticket ??= tickets.make(start);
    const entersAt = this.#entersAt();
    if (entersAt !== null) return entersAt;
    const window = windowOf(quorum.roundTrip);
    const due = [
      now + this.#poll(),
      now + freeIn(responses, quorum, window),
      this.#notifications.due(quorum),
    ];
    // Nodes that granted have dropped the entry, and their withdrawals send no notification.
    if (verdict === 'split' || denyingNodes(responses) < quorum.size) {
      due.push(now + quorum.roundTrip * 2 ** this.#splits++ * (1 + runtime.random() / 2));
    } else this.#splits = 0;
    if (this.#keep > 0) {
      const isKept = isDeniedInPart(responses, keys.keys.length);
      if (isKept) due.push(now + KeepPeriod.requestIn(this.#keep, window));
      // A node whose answer is late may keep a key.
      else if (denyingNodes(responses) === quorum.count) this.#keepPeriod.reset();
    }
    return Math.min(...due);
  }

  /** When the first request to be entered is made; null: it was made, or nodes cannot notify this process. */
  #entersAt(): number | null {
    const { runtime, quorum, channel } = this.#services;
    const { keys, ttl } = this.#terms;
    if (this.#wasEntered || !keys.queued || !channel.isOpen || this.#ticket === null) return null;
    const nodeTimeout = quorum.nodeTimeout(ttl);
    if (channel.canEnter(nodeTimeout)) return 0;
    channel.awaitConfirmation(this);
    const now = runtime.now();
    const confirmsBy = channel.confirmsBy(nodeTimeout);
    return confirmsBy > now ? Math.min(confirmsBy, now + this.#poll()) : null;
  }

  /** The time until the next poll, in ms. */
  #poll(): number {
    const { runtime, quorum, channel } = this.#services;
    const { pollInterval, keys } = this.#terms;
    const random = runtime.random();
    const ms =
      keys.queued && channel.isConfirmed
        ? pollOf(pollInterval) * (0.9 + 0.2 * random)
        : blindPollOf(pollInterval, random);
    return Math.max(ms, quorum.roundTrip);
  }

  /** The keys of the next request. Of a semaphore: those of the permit that is most likely free. */
  #choose(): LockKeys {
    const { runtime, quorum } = this.#services;
    const { keys } = this.#terms;
    if (!keys.semaphore) return keys;
    const { permits } = keys.semaphore;
    const { latest } = this.#queue;
    const named =
      this.#permit ??
      this.#notifications.permitOf(permits) ??
      (latest && anyFreePermit(latest.responses, quorum, runtime)) ??
      permits;
    this.#permit = null;
    return keys.ofPermit(named < permits ? named : Math.floor(runtime.random() * permits));
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
    if (this.#hasJoined) channel.leave();
    if (!isGranted) this.#leaveQueues();
    const head = this.#queue.leave(this, isGranted);
    if (this.#queue.isEmpty) queues.drop(this.#queue);
    // Other permits of a semaphore may be free.
    if (isGranted && this.#keys.semaphore === null) head?.follow(this.#terms.ttl);
    else head?.requestAt(0);
  }
}
