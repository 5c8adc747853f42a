import type { Refused } from '../attempt/attempt.js';
import type { Runtime } from '../time/runtime.js';

/** The place of a waiter in a waiting line. */
export interface QueueEntry {
  readonly arrival: number;
  /** Something has changed for which the waiter may wait. */
  wake(): void;
  /** A lock of this process is being released, and the waiter is first in line. */
  next(): void;
}

/** A lock of this process that holds the resource. */
export interface Held {
  readonly resources: readonly string[];
  /** The channels on which releases of its resources are announced. */
  readonly channels: readonly string[];
  /** Whether a `using` routine runs under it. */
  readonly forRoutine: boolean;
  /** The validity that is left, in ms. */
  remaining(): number;
}

/** How often, and for how many ms, a lock is handed over within this process before other processes get a chance. */
const HAND_OVER_LIMIT = 16;
const STREAK_LIMIT = 1000;

/** The waiters of this process for one resource, by arrival. Only the first asks the nodes. */
export class WaitingLine {
  readonly #runtime: Runtime;
  #places: QueueEntry[] = [];
  /** The latest attempt on the resource, which got no lock; null: none is known. */
  #latest: Refused | null = null;
  /** The lock of this process that holds the resource. While it does, waiters need not ask the nodes. */
  #holder: Held | null = null;
  #handOvers = 0;
  #streakStart = 0;
  #standingBack = false;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  get latest(): Refused | null {
    return this.#latest;
  }

  /** The lock of this process that holds the resource; null: there is none. */
  get holder(): Held | null {
    return this.#holder && this.#holder.remaining() > 0 ? this.#holder : null;
  }

  /** Whether nobody in this process waits for the resource or holds it. */
  get isIdle(): boolean {
    return this.#places.length === 0 && this.#holder === null;
  }

  /** Whether nobody here may ask until other processes have had their chance. */
  get standingBack(): boolean {
    return this.#standingBack;
  }

  isTurnOf(place: QueueEntry): boolean {
    if (this.#places[0] !== place || this.#standingBack) return false;
    // One refusal is needed even if the holder is known: waiters behind report it if their `wait` ends.
    return this.#latest === null || this.holder === null;
  }

  enter(place: QueueEntry): void {
    const behind = this.#places.findLastIndex(({ arrival }) => arrival < place.arrival);
    if (behind === this.#places.length - 1) this.#places.push(place);
    else this.#places.splice(behind + 1, 0, place);
  }

  leave(place: QueueEntry): void {
    const position = this.#places.indexOf(place);
    // Perf: memory of held locks. An array that has grown would keep its room for as long as the lock is held.
    if (this.#places.length === 1) this.#places = [];
    else this.#places.splice(position, 1);
    if (position === 0) this.#wakeFirst();
    // Without a refusal to report, the next waiter to come asks the nodes first. In a streak of hand-overs it need not:
    // a waiter of this line has just got the lock.
    if (this.#places.length === 0 && this.#handOvers === 0) this.#latest = null;
  }

  refused(refused: Refused): void {
    const first = this.#latest === null;
    this.#latest = refused;
    this.#handOvers = 0;
    // Some waiters may have waited only for a refusal to report.
    if (first) for (const place of this.#places) place.wake();
  }

  held(lock: Held): void {
    this.#holder = lock;
  }

  /** A lock of this process is being released. The first waiter is next, unless other processes are. */
  releasing(lock: Held): void {
    // If the end of a lock is noticed late, as after a suspension, it may have a successor already.
    if (this.#holder !== lock) return;
    this.#holder = null;
    if (this.#places.length === 0) return;
    if (this.#handOvers === 0) this.#streakStart = this.#runtime.now();
    this.#handOvers++;
    const streak = this.#runtime.now() - this.#streakStart;
    this.#standingBack = this.#handOvers > HAND_OVER_LIMIT || streak >= STREAK_LIMIT;
    if (!this.#standingBack) this.#places[0]?.next();
  }

  /** Lets waiters ask again, because other processes have had their chance. */
  resume(): void {
    this.#standingBack = false;
    this.#handOvers = 0;
    this.#wakeFirst();
  }

  #wakeFirst(): void {
    this.#places[0]?.wake();
  }
}
