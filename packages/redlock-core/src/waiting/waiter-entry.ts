import { denialsIn } from '../attempt/refusal.js';
import type { Refused } from '../attempt/refused.js';
import type { LockMode } from '../mode.js';
import type { Denial } from '../protocol/reading.js';
import { isKept } from '../protocol/word.js';
import type { Runtime } from '../time/runtime.js';
import type { NextTry } from './next-try.js';
import type { PermitCall, PermitChoice } from './permit-choice.js';
import type { QueuePlace } from './queue-place.js';
import type { Sleep } from './sleep.js';
import type { Held } from './held.js';
import type { Place, WaitingLine } from './waiting-line.js';
import type { WaitingLines } from './waiting-lines.js';

/** What a waiter's place in a line passes on to the waiter. */
interface WaiterParts {
  /** The lines of the keys that the waiter wants. */
  readonly keys: readonly string[];
  readonly mode: LockMode;
  readonly permits: PermitChoice | null;
  readonly sleep: Sleep;
  readonly nextTry: NextTry;
  readonly queue: QueuePlace;
  readonly runtime: Pick<Runtime, 'now'>;
  /** Called when a node calls this process. */
  readonly onCalled: () => void;
}

/**
 * The place of one waiter: in the line of one of the keys that it wants, or in none. If it wants several, the nodes tell
 * which one is held.
 */
export class WaiterEntry implements Place {
  readonly order: number;
  readonly mode: LockMode;
  readonly #lines: WaitingLines;
  readonly #parts: WaiterParts;
  /** The position of the key in whose line the waiter stands; null: in none. */
  #position: number | null = null;
  #line: WaitingLine | null = null;
  #isNext = false;
  #hasMoved = false;
  #hasGivenWay = false;
  #entryReservation: number | null = null;

  constructor(lines: WaitingLines, parts: WaiterParts) {
    this.order = lines.arrive();
    this.mode = parts.mode;
    this.#lines = lines;
    this.#parts = parts;
    if (parts.keys.length === 1) this.#enter(0);
  }

  /** The key in whose line the waiter stands; null: in none. */
  get key(): string | null {
    return this.#position === null ? null : this.#keyAt(this.#position);
  }

  get unanswered(): readonly PermitCall[] {
    return this.#parts.permits?.unanswered ?? [];
  }

  /** See {@link WaitingLine.reservation}. */
  get reservation(): number | null {
    return this.#line?.reservation ?? this.#entryReservation;
  }

  /**
   * For how many ms a key is reserved, in the entries of all tries, for keys in whose line nobody here stands. The member of
   * a queue has this number in it, so with another one the process would stand there twice. Null: no try has had entries.
   */
  get entryReservation(): number | null {
    return this.#entryReservation;
  }

  /** The position of the key for which the waiter stands. */
  get standsFor(): number {
    return this.#position ?? 0;
  }

  wake(): void {
    this.#parts.sleep.wake();
  }

  next({ permit }: Held): void {
    this.#isNext = true;
    if (permit !== null) this.#parts.permits?.released(permit);
    this.wake();
  }

  called(node: number, permit: number | null): void {
    this.#parts.nextTry.called(node);
    this.#parts.onCalled();
    if (permit !== null) this.#parts.permits?.called({ permit, node }, this.reservation ?? 0);
    this.wake();
  }

  missed(): void {
    this.#parts.nextTry.missed();
    this.wake();
  }

  standBy(ms: number): void {
    this.#parts.nextTry.standBy(ms, this.#parts.runtime.now());
    this.wake();
  }

  handOver(key: string, reservation: number): string {
    return this.#parts.queue.handOver(key, reservation);
  }

  /** Whether a lock of this process has been released since the waiter's last attempt, and this waiter is next. */
  get isNext(): boolean {
    return this.#isNext;
  }

  /** Whether the waiter stands in the queues of the nodes for its line, or in no line yet. */
  get isFirst(): boolean {
    return this.#line === null || this.#line.first === this;
  }

  /** Whether the waiter may ask the nodes now. That may change in the next microtask. */
  get isTurn(): boolean {
    return this.#line?.isTurnOf(this) ?? true;
  }

  /** The latest attempt of the line. */
  get latest(): Refused | null {
    return this.#line?.latest ?? null;
  }

  /** Whether the waiter has gone from one line to another because of its latest try. */
  get hasMoved(): boolean {
    return this.#hasMoved;
  }

  /**
   * Whether it has moved, and everything that denied the try is kept for others. These may have done the same: each is kept
   * what the other one needs.
   */
  get hasGivenWay(): boolean {
    return this.#hasGivenWay;
  }

  /** The waiter is about to ask the nodes. */
  asking(): void {
    this.#isNext = false;
    this.#hasMoved = false;
    this.#hasGivenWay = false;
  }

  /** A command is being sent that may enter the queue of the key for which the waiter stands. */
  entering(reservation: number): void {
    this.#entryReservation ??= reservation;
    this.#line?.entering(reservation);
  }

  /**
   * Moves to the line of a key that was denied, unless the waiter stands there, so that it blocks nobody who waits for one
   * that was not. Of several, it is one in whose queue the most nodes have entered the process, because these will call
   * it for that key.
   */
  standBehindHolder(refused: Refused): void {
    const denials = denialsIn(refused);
    const entered = denials.filter(({ ticket }) => ticket !== undefined);
    const denied = entered.length > 0 ? mostFrequentIn(entered) : denials;
    const [first] = denied;
    if (!first || denied.some(({ resource }) => resource === this.#position)) return;
    this.#hasMoved = this.#line !== null;
    this.#hasGivenWay =
      this.#hasMoved && denials.every(({ value, tokens }) => isKept(value, tokens));
    this.#leaveLine(true);
    this.#enter(first.resource);
    // The key may have been released since it denied the try, and the nodes did not call whoever was not in its queue.
    // If its channel is not open yet, a try follows when it is.
    if (this.#lines.listensFor(this.#keyAt(first.resource))) this.#parts.nextTry.missed();
  }

  /** Tells the line of a refused attempt. */
  refused(refused: Refused): void {
    this.#line?.refused(refused);
  }

  /** @param gaveUp whether the process leaves the key's queue with its last waiter for it */
  leave(gaveUp: boolean): void {
    const { key } = this;
    this.#leaveLine(gaveUp);
    if (this.#entryReservation === null) return;
    // Some nodes may have entered the process in the queue of another key than most.
    for (const each of this.#parts.keys) {
      if (each !== key) this.#lines.mayHaveEntered(each, this.#entryReservation);
    }
  }

  #leaveLine(gaveUp: boolean): void {
    const { key } = this;
    this.#position = null;
    this.#line = null;
    if (key !== null) this.#lines.leave(key, this, gaveUp);
  }

  #enter(position: number): void {
    this.#position = position;
    this.#line = this.#lines.enter(this.#keyAt(position), this);
  }

  /** Invariant: positions are those of keys. */
  #keyAt(position: number): string {
    return this.#parts.keys[position] ?? '';
  }
}

/** The denials of the key, or keys, that were denied most often. */
function mostFrequentIn(denials: readonly Denial[]): readonly Denial[] {
  const times = ({ resource }: Denial): number =>
    denials.filter((each) => each.resource === resource).length;
  const most = Math.max(...denials.map(times));
  return denials.filter((each) => times(each) === most);
}
