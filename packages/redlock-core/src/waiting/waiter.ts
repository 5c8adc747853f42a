import type { Refused } from '../attempt/refused.js';
import type { Cancellation } from '../attempt/cancellation.js';
import { DeferredRelease } from '../attempt/deferred-release.js';
import type { QueueTerms } from '../attempt/queue-terms.js';
import { isBusy } from '../attempt/refusal.js';
import { roundTripOf } from '../node/response.js';
import { Patience } from '../quorum/patience.js';
import type { Quorum } from '../quorum/quorum.js';
import type { Runtime } from '../time/runtime.js';
import type { CallChannel } from './call-channel.js';
import type { CallChannels } from './call-channels.js';
import { NextTry, type PolledNodes } from './next-try.js';
import { requestError, type OwnerRequest } from './own-holder.js';
import { QueuePlace } from './queue-place.js';
import { reservationOf } from './reservation.js';
import { Sleep } from './sleep.js';
import { SplitVotes } from './split-votes.js';
import type { Tickets } from './tickets.js';
import { WaiterEntry } from './waiter-entry.js';
import type { WaitingLines } from './waiting-lines.js';

/** Reported when `wait` ends before this caller could ask the nodes at all. */
const HELD_HERE: Refused = { granted: false, refusal: 'held', responses: [] };

/** For how much of a reservation, which is four round trips, an attempt still waits for votes when it is called. */
const PATIENCE = 0.5;

/** Everything that the waiters of one Redlock share. */
export interface WaiterServices {
  readonly runtime: Runtime;
  readonly cancellation: Cancellation;
  readonly quorum: Pick<Quorum, 'tell'>;
  readonly lines: WaitingLines;
  readonly channels: CallChannels;
  readonly tickets: Tickets;
  readonly nodes: PolledNodes;
}

/**
 * A call that waits for a lock. It stands in line with other callers of this process. At the head of the line it waits
 * until nodes call it, for the end of the holder's ttl or for the next poll, whichever is first.
 */
export class Waiter {
  readonly #services: WaiterServices;
  readonly #request: OwnerRequest;
  readonly #deadline: number;
  readonly #sleep: Sleep;
  readonly #nextTry: NextTry;
  readonly #queue: QueuePlace;
  readonly #entry: WaiterEntry;
  /** Perf: latency, alone. Made when the waiter enters queues; most callers never wait. */
  #deferred: DeferredRelease | null = null;
  /** The latest attempt of this waiter. */
  #latest: Refused | null = null;
  /** For how many ms a key is reserved for this waiter when it is called; null: unknown, because nothing was asked yet. */
  #reservation: number | null = null;
  /** Whether the waiter was not first in line since its last attempt. */
  #stoodInLine = false;
  /** Perf: latency, alone. Made when an attempt is refused. */
  #splits: SplitVotes | null = null;
  /** That of the attempt under way, if it enters queues and was not called yet. */
  #patience: Patience | null = null;

  constructor(services: WaiterServices, request: OwnerRequest) {
    const { runtime, cancellation, lines, tickets, nodes } = services;
    this.#services = services;
    this.#request = request;
    this.#deadline = runtime.now() + request.wait;
    this.#sleep = new Sleep(cancellation, request);
    this.#nextTry = new NextTry(nodes);
    this.#queue = new QueuePlace(request, runtime, lines, tickets);
    this.#entry = new WaiterEntry(lines, {
      keys: request.lockKeys.lines,
      mode: request.lockKeys.mode,
      permits: request.permits,
      sleep: this.#sleep,
      nextTry: this.#nextTry,
      queue: this.#queue,
      runtime,
      onCalled: () => this.#hurry(),
    });
  }

  /**
   * Whether the waiter may ask the nodes now. That may change in the next microtask.
   * @throws RedlockError if it has stood in line until `wait` was over
   */
  takesTurn(): boolean {
    if (!this.#entry.isTurn) return false;
    if (this.#stoodInLine && this.#services.runtime.now() >= this.#deadline) {
      throw this.#errorOf(this.#answer ?? HELD_HERE);
    }
    return true;
  }

  /** Whether `wait` will not be over within so many ms. */
  hasTimeFor(ms: number): boolean {
    return this.#services.runtime.now() + ms < this.#deadline;
  }

  /** Resolves when it may be this waiter's turn. Rejects if `wait` is over before that. */
  async turn(): Promise<void> {
    this.#stoodInLine = true;
    const left = this.#deadline - this.#services.runtime.now();
    // If there is no answer yet that an error could tell, the attempt that is under way is waited for.
    if (left <= 0 && this.#answer) throw this.#errorOf(this.#answer);
    await this.#sleep.pause(left > 0 ? left : Infinity);
  }

  /**
   * The waiter is about to ask the nodes.
   * @returns how it enters their queues if it is denied; null: it does not, because there are none, or because they could
   * not call it yet
   */
  asking(): QueueTerms | null {
    this.#stoodInLine = false;
    this.#entry.asking();
    this.#nextTry.asking();
    const channel = this.#channel;
    const { entryReservation, reservation: ofLine } = this.#entry;
    const reservation = entryReservation ?? channel?.reservation ?? ofLine ?? this.#reservation;
    const { permits, lockKeys } = this.#request;
    if (!lockKeys.queued || reservation === null) return null;
    const deferred = (this.#deferred ??= new DeferredRelease());
    if (lockKeys.mode === 'shared' && !this.#entry.isFirst) {
      // Another waiter of this process shares the key already, or the line would not let this one ask.
      const withdrawal = (_: Refused, quiet: boolean) =>
        lockKeys.keys.map(() => (quiet ? '=' : ''));
      return { deferred, entries: this.#queue.passing(reservation), withdrawal };
    }
    this.#entry.entering(reservation);
    const patience = (this.#patience = new Patience());
    const entries = this.#queue.entries(reservation);
    return {
      patience,
      deferred,
      entries: permits?.marked(entries) ?? entries,
      withdrawal: (refused, quiet) => {
        this.#nextTry.withdrawing(refused);
        this.#queue.refused(refused);
        if (permits?.hasOther(refused)) return [quiet ? '=' : ''];
        this.#entry.standBehindHolder(refused);
        this.#entry.entering(reservation);
        return this.#queue.withdrawal(this.#entry.standsFor, quiet, reservation);
      },
    };
  }

  /** Resolves when it is worth asking again. Rejects if `wait` is over before that. */
  async refused(refused: Refused): Promise<void> {
    const { runtime, lines } = this.#services;
    const { responses } = refused;
    this.#latest = refused;
    this.#patience = null;
    this.#entry.standBehindHolder(refused);
    this.#entry.refused(refused);
    const { key } = this.#entry;
    this.#reservation ??= reservationOf(roundTripOf(responses));
    const reservation = this.#entry.reservation ?? this.#reservation;
    const mayWaitInQueue = this.#request.lockKeys.queued && key !== null && this.#entry.isTurn;
    if (isBusy(refused) && mayWaitInQueue) lines.listen(key, reservation);
    this.#nextTry.refused(refused, runtime.now(), reservation);
    const splits = (this.#splits ??= new SplitVotes(runtime));
    const isSplit = refused.refusal === 'split' || !this.#nextTry.mayBeQueued;
    splits.refused(refused, isBusy(refused) && isSplit, this.#entry.hasMoved);
    const since = runtime.now();
    await this.#untilNextTry(refused, since, splits.retryPause());
    const pause = splits.yieldPause();
    if (pause !== null) await this.#makeWay(since, pause);
  }

  /** @param gaveUp whether the waiter leaves without the lock */
  leave(gaveUp: boolean): void {
    this.#deferred?.send(this.#services.quorum);
    this.#entry.leave(gaveUp);
  }

  /**
   * @param since when the try was refused
   * @param pause when to ask again after split votes, if the nodes do not settle who is first; null: that is not known
   */
  async #untilNextTry(refused: Refused, since: number, pause: number | null): Promise<void> {
    const { runtime } = this.#services;
    const jitter = runtime.random() * this.#request.retryJitter;
    const retryAt = since + (pause ?? Infinity);
    for (let slept = false; ; slept = true) {
      const now = runtime.now();
      if (now >= this.#deadline) throw this.#errorOf(refused);
      if (this.#entry.isNext || !this.#entry.isTurn) return;
      // If too few nodes could answer, none may have learned that this process waits.
      const isHeard = isBusy(refused) && this.#isHeard;
      const nextPoll = since + this.#nextTry.pollDelay(this.#request, isHeard) + jitter;
      const isLeftToNodes =
        isHeard && this.#nextTry.mayBeQueued && !this.#nextTry.isKeptSinceWithdrawal;
      const pollAt = isLeftToNodes ? nextPoll : Math.min(nextPoll, retryAt);
      const heedsNodes = isBusy(refused) || this.#nextTry.isCalled;
      const askAt = heedsNodes ? Math.min(this.#nextTry.at, pollAt) : pollAt;
      // Sleep at least once, unless a node has called: an attempt may fail without any wait, and without a sleep the event
      // loop would never turn.
      if (askAt <= now && (slept || this.#nextTry.isCalled)) return;
      await this.#sleep.pause(Math.max(Math.min(askAt, this.#deadline) - now, 0));
    }
  }

  /**
   * Makes way for the others with whom the waiter has split the votes. Calls of a few nodes do not end this pause, because
   * contenders that split the votes call one another. Calls of a quorum do, unless the waiter has given way to those for whom
   * its other keys were kept: all of these nodes keep the key for this process, so its votes cannot be split, and nobody else
   * can have the lock meanwhile.
   */
  async #makeWay(since: number, pause: number): Promise<void> {
    const { runtime } = this.#services;
    const end = Math.min(since + pause, this.#deadline);
    let now = runtime.now();
    if (now > since && now >= end) return;
    do {
      if (this.#entry.isNext) return;
      if (this.#nextTry.isCalledByQuorum && !this.#entry.hasGivenWay) return;
      // Also if that is at once: an attempt may fail without any wait, and then the event loop would never turn.
      await this.#sleep.pause(Math.max(end - now, 0));
      now = runtime.now();
    } while (now < end);
  }

  /**
   * A node has called. If an attempt is under way then, the node may have denied it a moment ago; whoever it still waits
   * for, it has nearly lost, and while it waits it keeps others out. So it ends soon, and another one follows.
   */
  #hurry(): void {
    const patience = this.#patience;
    if (!patience) return;
    this.#patience = null;
    const { runtime } = this.#services;
    const reservation = this.#channel?.reservation ?? 0;
    runtime.setTimeout(() => patience.end(), reservation * PATIENCE).unref();
  }

  /** Whether a quorum of nodes can call this process. */
  get #isHeard(): boolean {
    return this.#channel?.isHeard === true;
  }

  /** The channel on which nodes call this process for the key for which the waiter stands. */
  get #channel(): CallChannel | undefined {
    const { key } = this.#entry;
    return key === null ? undefined : this.#services.channels.get(key);
  }

  /** The latest attempt of this waiter, or else the latest one of its line. */
  get #answer(): Refused | null {
    return this.#latest ?? this.#entry.latest;
  }

  #errorOf(refused: Refused) {
    return requestError(this.#services.lines, this.#request, refused);
  }
}
