import type { Refused } from '../attempt/attempt.js';
import type { Sleep } from './sleep.js';
import type { QueueEntry, WaitingLine } from './waiting-line.js';
import type { WaitingLines } from './waiting-lines.js';

/**
 * The place of one waiter: in the line of one of the resources that it wants, or in none. If it wants several, the
 * nodes tell which one is held.
 */
export class WaiterEntry implements QueueEntry {
  readonly arrival: number;
  readonly #lines: WaitingLines;
  readonly #resources: readonly string[];
  readonly #sleep: Sleep;
  /** The resource in whose line the waiter stands; null: in none. */
  #resource: string | null = null;
  #line: WaitingLine | null = null;
  #isNext = false;

  constructor(lines: WaitingLines, resources: readonly string[], sleep: Sleep) {
    this.arrival = lines.arrive();
    this.#lines = lines;
    this.#resources = resources;
    this.#sleep = sleep;
    if (resources.length === 1) this.#enter(0);
  }

  wake(): void {
    this.#sleep.wake();
  }

  next(): void {
    this.#isNext = true;
    this.wake();
  }

  /** Whether a lock of this process has been released since the waiter's last attempt, and this waiter is next. */
  get isNext(): boolean {
    return this.#isNext;
  }

  /** Whether the waiter may ask the nodes now. That may change in the next microtask. */
  get isTurn(): boolean {
    return this.#line?.isTurnOf(this) ?? true;
  }

  /** The latest attempt of the line. */
  get latest(): Refused | null {
    return this.#line?.latest ?? null;
  }

  /** Whether this is the resource in whose line the waiter stands, and it wants others too. */
  standsFor(resource: number): boolean {
    return this.#resources.length > 1 && this.#resources[resource] === this.#resource;
  }

  /** The waiter is about to ask the nodes. */
  asking(): void {
    this.#isNext = false;
  }

  /**
   * Tells the line of a refused attempt. First moves to the line of a resource that was denied, so that the waiter
   * blocks nobody who waits for one that was not.
   */
  refused(refused: Refused): void {
    const denied = refused.responses.flatMap(({ detail }) =>
      typeof detail === 'object' ? detail.map(({ resource }) => resource) : [],
    );
    const [first] = denied;
    if (first !== undefined && !denied.some((each) => this.#resources[each] === this.#resource)) {
      this.#moveTo(first);
    }
    this.#line?.refused(refused);
  }

  /**
   * Moves to the line of a resource that is still held, if the one in whose line the waiter stands has become free. So
   * it blocks nobody who wants only the free one.
   */
  standBehindHolder(isFree: (resource: number) => boolean): void {
    if (this.#resources.length === 1 || this.#resource === null) return;
    if (!isFree(this.#resources.indexOf(this.#resource))) return;
    const held = this.#resources.findIndex((_, resource) => !isFree(resource));
    if (held >= 0) this.#moveTo(held);
  }

  leave(): void {
    if (this.#resource !== null) this.#lines.leave(this.#resource, this);
    this.#resource = null;
    this.#line = null;
  }

  #moveTo(resource: number): void {
    this.leave();
    this.#enter(resource);
  }

  #enter(resource: number): void {
    this.#resource = this.#resources[resource] ?? null;
    if (this.#resource !== null) this.#line = this.#lines.enter(this.#resource, this);
  }
}
