import type { Refused } from '../attempt/attempt.js';
import type { Runtime } from '../time/runtime.js';

/** One who waits. */
export interface QueueEntry {
  readonly arrival: number;
  /** Something has changed that it may wait for. */
  wake(): void;
  /** A lock of this process is being released, and it is first in line. */
  next(): void;
}

/** A lock of this process. */
export interface Held {
  readonly resources: readonly string[];
  /** Where the release of each is announced. */
  readonly channels: readonly string[];
  /** A `using` routine runs under it. */
  readonly forRoutine: boolean;
  remaining(): number;
}

/** So many times, or for so many ms, a lock is handed on in this process before others get a chance. */
const MOST_HAND_OFFS = 16;
const LONGEST_STREAK = 1000;

/** Who waits in this process for one resource, by arrival; only the first talks to the nodes. */
export class WaitingLine {
  readonly #runtime: Runtime;
  #places: QueueEntry[] = [];
  /** The latest attempt on the resource that got nothing. */
  #latest: Refused | null = null;
  /** While a lock of this process holds the resource, whoever comes need not ask for long. */
  #holder: Held | null = null;
  #handOffs = 0;
  #streakStart = 0;
  #standingBack = false;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  get latest(): Refused | null {
    return this.#latest;
  }

  /** The lock of this process that holds the resource, if one does. */
  get holder(): Held | null {
    return this.#holder && this.#holder.remaining() > 0 ? this.#holder : null;
  }

  /** Nobody here waits for the resource or holds it. */
  get isIdle(): boolean {
    return this.#places.length === 0 && this.#holder === null;
  }

  /** Nobody asks until others have had their chance. */
  get standingBack(): boolean {
    return this.#standingBack;
  }

  isTurnOf(place: QueueEntry): boolean {
    if (this.#places[0] !== place || this.#standingBack) return false;
    // A first refusal is wanted in any case: it is what those behind are told when their time ends.
    return this.#latest === null || this.holder === null;
  }

  enter(place: QueueEntry): void {
    const behind = this.#places.findLastIndex(({ arrival }) => arrival < place.arrival);
    if (behind === this.#places.length - 1) this.#places.push(place);
    else this.#places.splice(behind + 1, 0, place);
  }

  leave(place: QueueEntry): void {
    const position = this.#places.indexOf(place);
    // One that had grown would keep its room for as long as the lock is held.
    if (this.#places.length === 1) this.#places = [];
    else this.#places.splice(position, 1);
    if (position === 0) this.#wakeFirst();
    // Whoever comes while the last who stood here holds the lock asks first, or goes on with the streak.
    if (this.#places.length === 0 && this.#handOffs === 0) this.#latest = null;
  }

  refused(refused: Refused): void {
    const first = this.#latest === null;
    this.#latest = refused;
    this.#handOffs = 0;
    // Some may have waited for nothing but this.
    if (first) for (const place of this.#places) place.wake();
  }

  held(lock: Held): void {
    this.#holder = lock;
  }

  /** A lock of this process is being released: the first in line is next, unless others are. */
  releasing(lock: Held): void {
    // A lock whose end is noticed late, as after a suspension, may have a successor.
    if (this.#holder !== lock) return;
    this.#holder = null;
    if (this.#places.length === 0) return;
    if (this.#handOffs === 0) this.#streakStart = this.#runtime.now();
    this.#handOffs++;
    const streak = this.#runtime.now() - this.#streakStart;
    this.#standingBack = this.#handOffs > MOST_HAND_OFFS || streak >= LONGEST_STREAK;
    if (!this.#standingBack) this.#places[0]?.next();
  }

  /** Others have had their chance. */
  resume(): void {
    this.#standingBack = false;
    this.#handOffs = 0;
    this.#wakeFirst();
  }

  #wakeFirst(): void {
    this.#places[0]?.wake();
  }
}
