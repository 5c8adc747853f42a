import type { LockKeys } from '../protocol/keys.js';
import type { FailedAttempt } from '../quorum/attempt.js';
import type { Runtime } from '../time/runtime.js';

/** How many waiters begin to request in one turn of the event loop. */
const SLICE = 128;

/** A waiter as its local queue knows it. */
export interface Member<W> {
  /** The neighbors among the followers. */
  previous: W | null;
  next: W | null;
  /** Whether it requests beside the head, because the key is shared by now. */
  isDrawn: boolean;
  /** Requests at a time on the monotonic clock, unless it does so earlier. */
  requestAt(time: number): void;
  /** Whether its ticket is lower, so that nodes may put it ahead. */
  isAheadOf(other: W): boolean;
  /** It is not the head any more, and does not request. */
  fallBehind(): void;
}

/**
 * The waiters of this process for one set of keys in one mode, in the order in which they came. The head requests; the
 * others follow without a command. So a thousand waiters cost the nodes what one costs.
 *
 * In shared mode, as soon as the head has its lock, all followers are drawn in slices, and each requests a lock of its own.
 */
export class LocalQueue<W extends Member<W>> {
  /** The one that requests. null: none is there, or followers are being drawn. */
  head: W | null = null;
  /** The latest attempt on the keys that failed. It speaks for those whose time ends before they could make one. */
  latest: FailedAttempt | null = null;
  readonly #runtime: Runtime;
  /** The followers are a linked list, so that one in the middle can give up in constant time. */
  #first: W | null = null;
  #last: W | null = null;
  /** How many were drawn and have no result yet. */
  #drawn = 0;
  #isDrawing = false;
  #isScheduled = false;

  constructor(
    /** Those of the first waiter. */
    readonly keys: LockKeys,
    runtime: Runtime,
  ) {
    this.#runtime = runtime;
  }

  get isEmpty(): boolean {
    return this.head === null && this.#first === null && this.#drawn === 0;
  }

  join(waiter: W): void {
    const { head } = this;
    if (head === null && !this.#isDrawing) this.head = waiter;
    else if (head !== null && waiter.isAheadOf(head)) {
      // Its first request was answered later, and nodes with its entry would deny the requests of the head.
      this.head = waiter;
      this.#prepend(head);
      head.fallBehind();
    } else {
      this.#append(waiter);
      if (this.#isDrawing) this.#schedule();
    }
  }

  /**
   * Takes out a waiter that ends its wait.
   * @returns the new head; null: the head is the same, or none
   */
  leave(waiter: W, isGranted: boolean): W | null {
    if (waiter.isDrawn) {
      this.#undraw(waiter);
      return null;
    }
    if (waiter !== this.head) {
      this.#unlink(waiter);
      return null;
    }
    this.head = null;
    if (isGranted && this.keys.mode === 'shared') {
      this.#isDrawing = true;
      this.#draw();
      return null;
    }
    this.head = this.#first;
    if (this.#first) this.#unlink(this.#first);
    return this.head;
  }

  /** A waiter that was drawn got nothing. A writer is ahead of it, and so of all others; they wait behind the new head. */
  putBack(waiter: W): void {
    this.#isDrawing = false;
    this.#undraw(waiter);
    if (this.head === null) this.head = waiter;
    else this.#append(waiter);
  }

  readonly #draw = (): void => {
    this.#isScheduled = false;
    if (!this.#isDrawing) return;
    for (let count = 0; count < SLICE && this.#first; count++) {
      const waiter = this.#first;
      this.#unlink(waiter);
      waiter.isDrawn = true;
      this.#drawn++;
      waiter.requestAt(0);
    }
    if (this.#first) this.#schedule();
    else if (this.#drawn === 0) this.#isDrawing = false;
  };

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#runtime.afterSockets(this.#draw);
  }

  #undraw(waiter: W): void {
    waiter.isDrawn = false;
    this.#drawn--;
    if (this.#drawn === 0 && this.#first === null) this.#isDrawing = false;
  }

  #prepend(waiter: W): void {
    waiter.next = this.#first;
    if (this.#first) this.#first.previous = waiter;
    else this.#last = waiter;
    this.#first = waiter;
  }

  #append(waiter: W): void {
    waiter.previous = this.#last;
    if (this.#last) this.#last.next = waiter;
    else this.#first = waiter;
    this.#last = waiter;
  }

  #unlink(waiter: W): void {
    const { previous, next } = waiter;
    if (previous) previous.next = next;
    else this.#first = next;
    if (next) next.previous = previous;
    else this.#last = previous;
    waiter.previous = waiter.next = null;
  }
}

/** The local queues of one Redlock. One exists while a caller waits in it. */
export class LocalQueues<W extends Member<W>> {
  readonly #runtime: Runtime;
  /** For one key in exclusive mode, by the key. Perf: an acquire on a free key looks it up, and should make no string. */
  readonly #ofKeys = new Map<string, LocalQueue<W>>();
  readonly #others = new Map<string, LocalQueue<W>>();

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  get(keys: LockKeys): LocalQueue<W> | undefined {
    if (this.#ofKeys.size + this.#others.size === 0) return undefined;
    return this.#mapOf(keys).get(this.#idOf(keys));
  }

  getOrMake(keys: LockKeys): LocalQueue<W> {
    let queue = this.get(keys);
    if (!queue) {
      queue = new LocalQueue(keys, this.#runtime);
      this.#mapOf(keys).set(this.#idOf(keys), queue);
    }
    return queue;
  }

  drop({ keys }: LocalQueue<W>): void {
    this.#mapOf(keys).delete(this.#idOf(keys));
  }

  #mapOf(keys: LockKeys): Map<string, LocalQueue<W>> {
    return isOneKey(keys) ? this.#ofKeys : this.#others;
  }

  #idOf(keys: LockKeys): string {
    if (isOneKey(keys)) return keys.keys[0] ?? '';
    const { semaphore, mode } = keys;
    if (semaphore) return JSON.stringify([semaphore.queue, semaphore.permits]);
    return JSON.stringify([mode, ...keys.keys.toSorted()]);
  }
}

function isOneKey({ keys, mode, semaphore }: LockKeys): boolean {
  return keys.length === 1 && mode === 'exclusive' && semaphore === null;
}
