import type { Refused } from '../attempt/refused.js';
import type { LockMode } from '../mode.js';
import type { Pause } from '../time/pause.js';
import type { Runtime } from '../time/runtime.js';
import type { Held } from './held.js';
import { LineHolders } from './line-holders.js';
import type { PermitCall } from './permit-choice.js';

/** The place of a waiter in a waiting line. */
export interface Place {
  /** When the waiter arrived; a smaller number is earlier. */
  readonly order: number;
  readonly mode: LockMode;
  /** Of a semaphore: the calls that the waiter has not answered by a try. */
  readonly unanswered: readonly PermitCall[];
  /** Something has changed for which the waiter may wait. */
  wake(): void;
  /** A lock of this process has ended or is being released, and the waiter is first in line. */
  next(lock: Held): void;
  /**
   * A node calls this process.
   * @param permit of a semaphore: the one that the node keeps for it; null: the key is no semaphore's
   */
  called(node: number, permit: number | null): void;
  /** Calls may have been missed. */
  missed(): void;
  /**
   * Another process was called, and this one is next.
   * @param ms for how long the key is reserved for the other one
   */
  standBy(ms: number): void;
  /** The entry of a release with which the waiter enters the key's queue. */
  handOver(key: string, reservation: number): string;
}

/** How often, and for how many ms, a lock is handed over within this process while another process waits. */
const HAND_OVER_LIMIT = 16;
const STREAK_LIMIT = 1000;

/**
 * The waiters of this process for one key, by arrival. Only the first asks the nodes. When it has got a shared lock, those
 * behind it who want to share the key ask too, up to one who does not.
 */
export class WaitingLine {
  readonly #runtime: Runtime;
  #places: Place[] = [];
  /** The latest attempt on the resource, which got no lock; null: none is known. */
  #latest: Refused | null = null;
  /** The locks of this process that hold the key. While an exclusive one does, waiters need not ask the nodes. */
  readonly #holders = new LineHolders();
  /** Whether a shared lock was granted here since the last attempt that was refused. */
  #isSharing = false;
  readonly #isSemaphore: boolean;
  #handOvers = 0;
  #streakStart = 0;
  /** The pause in which the line waits to be called, after it has stood back; null: it does not stand back. */
  #standingBack: Pause | null = null;
  /**
   * For how many ms the key is reserved for this process when it is called; null: nobody here has entered its queue. It
   * stays as it is, because it is a part of the member that stands for the process in the queues.
   */
  reservation: number | null = null;
  /** Whether this process may stand in the key's queue on some node. */
  mayStand = false;
  /** Whether other processes wait too, as far as the last release tells. */
  othersWait = false;

  /** @param ofSemaphore whether the line is that of a semaphore, of which this process may hold several permits */
  constructor(runtime: Runtime, ofSemaphore = false) {
    this.#runtime = runtime;
    this.#isSemaphore = ofSemaphore;
  }

  get latest(): Refused | null {
    return this.#latest;
  }

  /** The waiter that asks the nodes. */
  get first(): Place | undefined {
    return this.#places[0];
  }

  /** A lock of this process that holds the key; null: there is none, or it is a permit, and others may be free. */
  get holder(): Held | null {
    return this.#isSemaphore ? null : this.#holders.current;
  }

  /** Whether nothing else of this process holds the key when a lock ends, so that the first waiter is next. */
  isFreedBy(lock: Held): boolean {
    return this.#isSemaphore ? this.#holders.has(lock) : this.#holders.hasOnly(lock);
  }

  /** Whether a lock of this process holds a permit. */
  holdsPermit(permit: number): boolean {
    return this.#holders.hold(permit);
  }

  /** Whether nobody in this process waits for the key or holds it. */
  get isIdle(): boolean {
    return this.#places.length === 0 && this.#holders.isEmpty;
  }

  /** Whether nobody here may ask until this process is called. */
  get standingBack(): boolean {
    return this.#standingBack !== null;
  }

  isTurnOf(place: Place): boolean {
    if (this.standingBack) return false;
    if (this.first !== place) return this.#isSharing && this.#sharers.includes(place);
    // One refusal is needed even if the holder is known: waiters behind report it if their `wait` ends. Shared holders may
    // be in other processes too, so the nodes must learn of whoever waits for their end.
    return this.#latest === null || this.holder?.mode !== 'exclusive';
  }

  /** The waiters at the head of the line that want to share the key. */
  get #sharers(): readonly Place[] {
    const end = this.#places.findIndex(({ mode }) => mode === 'exclusive');
    return end < 0 ? this.#places : this.#places.slice(0, end);
  }

  enter(place: Place): void {
    const { first } = this;
    const behind = this.#places.findLastIndex(({ order }) => order < place.order);
    if (behind === this.#places.length - 1) this.#places.push(place);
    else this.#places.splice(behind + 1, 0, place);
    // Whoever was first waits for its turn from now on. Otherwise it would sleep through what the other one is called for.
    if (first !== this.first) first?.wake();
  }

  /**
   * A command may enter this process in the key's queue.
   * @param reservation for how many ms the key is reserved for it then
   */
  entering(reservation: number): void {
    this.reservation ??= reservation;
    this.mayStand = true;
  }

  leave(place: Place): void {
    const position = this.#places.indexOf(place);
    // Perf: memory of held locks. An array that has grown would keep its room for as long as the lock is held.
    if (this.#places.length === 1) this.#places = [];
    else this.#places.splice(position, 1);
    if (position === 0) this.first?.wake();
    if (this.#places.length > 0) return;
    this.resume();
    // Without a refusal to report, the next waiter to come asks the nodes first. In a streak of hand-overs it need not:
    // a waiter of this line has just got the lock.
    if (this.#handOvers === 0) this.#latest = null;
  }

  refused(refused: Refused): void {
    const isFirst = this.#latest === null;
    this.#latest = refused;
    this.#isSharing = false;
    // Of a semaphore, a waiter is refused by the holders of other permits, while this one is handed on.
    if (!this.#isSemaphore) this.#handOvers = 0;
    // Some waiters may have waited only for a refusal to report.
    if (isFirst) for (const place of this.#places) place.wake();
  }

  held(lock: Held): void {
    this.#holders.add(lock);
    // A waiter's try that was under way has got it, and the nodes have taken this process out of the queue: they will not call.
    this.resume();
    this.#isSharing = lock.mode === 'shared';
    if (this.#isSharing) for (const place of this.#sharers) place.wake();
  }

  /** A lock of this process has ended. */
  ended(lock: Held): void {
    // If the end of a lock is noticed late, as after a suspension, it may have a successor already.
    const isFree = this.isFreedBy(lock);
    this.#holders.delete(lock);
    if (isFree) this.first?.next(lock);
  }

  /**
   * A lock of this process is being released. The first waiter is next, unless it has to stand back, because other
   * processes wait too and this one has had the lock often or for long.
   * @param canStandBack whether the nodes can call this process
   * @returns whether the line has to stand back
   */
  releasing(lock: Held, canStandBack: boolean): boolean {
    if (this.isFreedBy(lock) && this.#places.length > 0) {
      if (this.#handOvers === 0) this.#streakStart = this.#runtime.now();
      this.#handOvers++;
      const streak = this.#runtime.now() - this.#streakStart;
      const isLong = this.#handOvers > HAND_OVER_LIMIT || streak >= STREAK_LIMIT;
      if (isLong && canStandBack && this.othersWait) {
        this.#holders.delete(lock);
        this.#handOvers = 0;
        return true;
      }
    }
    this.ended(lock);
    return false;
  }

  /**
   * Nobody here asks until this process is called.
   * @param pause after which the first waiter asks in any case
   */
  standBack(pause: Pause): void {
    this.#standingBack = pause;
    void pause.over.then(() => {
      if (this.#standingBack === pause) this.resume();
    });
  }

  /** Lets the first waiter ask again. */
  resume(): void {
    const pause = this.#standingBack;
    if (!pause) return;
    this.#standingBack = null;
    pause.end();
    this.first?.wake();
  }
}
