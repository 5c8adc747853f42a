import { ExecutionError } from './errors.js';

/** The signal of a `using` routine. */
export type RedlockAbortSignal = AbortSignal & {
  /** Why the signal has aborted. */
  error?: Error;
};

/**
 * The lock of a routine, as its guard sees it.
 * @internal
 */
export interface Guarded {
  /** The validity that is left, in ms. */
  remaining(): number;
  extend(): Promise<unknown>;
}

/** The longest time between two looks at the clocks, in ms: after a suspension, the signal must not be late. */
const LONGEST_SLEEP = 1000;

/**
 * The next extension follows when this part of the validity that was left is over, at the earliest. Without that, a
 * threshold above the validity of an extension would lead to one after another.
 */
const PAUSE_FRACTION = 0.1;

/**
 * Extends the lock of a routine while that runs, and aborts its signal when the lock is lost.
 * @internal
 */
export class Guard {
  readonly #controller = new AbortController();
  readonly #lock: Guarded;
  readonly #threshold: number;
  #timer: NodeJS.Timeout | undefined;
  #isExtending = false;
  #hasEnded = false;
  /** An extension follows once less validity than this is left, in ms. */
  #due: number;
  #failure: Error | null = null;

  /** @param threshold extends when this much validity is left, in ms */
  constructor(lock: Guarded, threshold: number) {
    this.#lock = lock;
    this.#threshold = threshold;
    this.#due = this.#nextDue();
    this.#check();
  }

  get signal(): RedlockAbortSignal {
    return this.#controller.signal;
  }

  /** Extends no more. */
  end(): void {
    // The validity may have ended since the last look.
    if (this.#lock.remaining() === 0) this.#check();
    this.#hasEnded = true;
    clearTimeout(this.#timer);
  }

  #check(): void {
    clearTimeout(this.#timer);
    if (this.#hasEnded) return;
    const remaining = this.#lock.remaining();
    if (remaining === 0) {
      this.#abort();
      return;
    }
    const due = this.#due;
    if (remaining <= due && !this.#isExtending) void this.#extend();
    const next = remaining > due ? remaining - due : remaining;
    this.#timer = setTimeout(() => this.#check(), Math.min(Math.ceil(next), LONGEST_SLEEP));
    // A routine that waits for nothing else must not keep the process alive.
    this.#timer.unref();
  }

  async #extend(): Promise<void> {
    this.#isExtending = true;
    try {
      await this.#lock.extend();
      this.#failure = null;
    } catch (error) {
      this.#failure = error as Error;
    } finally {
      this.#isExtending = false;
      this.#due = this.#nextDue();
      this.#check();
    }
  }

  #nextDue(): number {
    return Math.min(this.#threshold, this.#lock.remaining() * (1 - PAUSE_FRACTION));
  }

  #abort(): void {
    this.#hasEnded = true;
    this.signal.error =
      this.#failure ?? new ExecutionError('The lock expired before it was extended.', []);
    this.#controller.abort();
  }
}
