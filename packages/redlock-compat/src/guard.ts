import { ExecutionError } from './statistics.js';

/** The signal of a `using` routine. */
export type RedlockAbortSignal = AbortSignal & {
  /** Why the signal has aborted. */
  error?: Error;
};

/** The lock of a routine. */
interface Guarded {
  /** The validity that is left, in ms. */
  remaining(): number;
  extend(): Promise<unknown>;
}

/** The longest time between two looks at the clocks, in ms: after a suspension, the signal must not be late. */
const MAX_SLEEP = 1000;

/**
 * The next extension follows after this share of the remaining validity, at the earliest. Without the pause, a
 * threshold above the validity of an extension would lead to one after another.
 */
const PAUSE_FRACTION = 0.1;

/**
 * Extends a lock until `end` is called, and aborts the signal when the lock is lost.
 * @param threshold extends when this much validity is left, in ms
 * @internal
 */
export function guard(
  lock: Guarded,
  threshold: number,
): { readonly signal: RedlockAbortSignal; readonly end: () => void } {
  const controller = new AbortController();
  const signal: RedlockAbortSignal = controller.signal;
  let timer: NodeJS.Timeout | undefined;
  let isExtending = false;
  let hasEnded = false;
  let failure: unknown = null;
  let due = nextDue();

  /** An extension follows once less validity than this is left, in ms. */
  function nextDue(): number {
    return Math.min(threshold, lock.remaining() * (1 - PAUSE_FRACTION));
  }

  function check(): void {
    clearTimeout(timer);
    if (hasEnded) return;
    const remaining = lock.remaining();
    if (remaining === 0) {
      hasEnded = true;
      signal.error =
        (failure as Error | null) ??
        new ExecutionError('The lock expired before it was extended.', []);
      controller.abort();
      return;
    }
    if (remaining <= due && !isExtending) void extend();
    const next = remaining > due ? remaining - due : remaining;
    timer = setTimeout(check, Math.min(Math.ceil(next), MAX_SLEEP));
    // A routine that waits for nothing else must not keep the process alive.
    timer.unref();
  }

  async function extend(): Promise<void> {
    isExtending = true;
    failure = await lock.extend().then(
      () => null,
      (error: unknown) => error,
    );
    isExtending = false;
    due = nextDue();
    check();
  }

  function end(): void {
    // The validity may have ended since the last look.
    if (lock.remaining() === 0) check();
    hasEnded = true;
    clearTimeout(timer);
  }

  check();
  return { signal, end };
}
