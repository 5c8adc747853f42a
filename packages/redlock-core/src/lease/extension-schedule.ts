import { AsyncLocalStorage } from 'node:async_hooks';
import type { Runtime } from '../time/runtime.js';
import { fullValidity } from '../time/validity.js';
import { extending } from './tracing.js';

/**
 * Runs asynchronous work one by one. Extensions of a lease take turns, so that the last one that was sent is the one that
 * counts. A raise of the fencing token takes a turn too, because extensions carry the token.
 */
export class Turns {
  /** The latest turn; null: it has ended. */
  #latest: Promise<void> | null = null;

  get isBusy(): boolean {
    return this.#latest !== null;
  }

  /**
   * Runs `act` after all turns before it.
   *
   * The next turn waits for a promise of its own, not for the one that the caller gets: V8 shows the async callers in
   * an error's stack only if each promise on the way has one reaction.
   */
  async take(act: () => Promise<void>): Promise<void> {
    const before = this.#latest;
    let end!: () => void;
    const turn = new Promise<void>((resolve) => (end = resolve));
    this.#latest = turn;
    try {
      if (before) await before;
      await act();
    } finally {
      if (this.#latest === turn) this.#latest = null;
      end();
    }
  }
}

/** An extension may run this fraction of ttl/3 early, to share a command with others. */
const EARLY = 0.1;

/** When the next extension of a lease that is extended automatically is due. */
export class ExtensionSchedule {
  readonly #runtime: Runtime;
  readonly #driftFactor: number;
  /** When automatic extension ends, on the monotonic clock. */
  readonly #until: number;
  /**
   * The async context of the caller that was granted the lease. Automatic extensions run in it, so that subscribers that
   * trace them know whose they are; the timer that begins them may be anyone's. null: nothing is traced.
   */
  readonly #scope = extending.isOn ? AsyncLocalStorage.snapshot() : null;
  /** When to try the next extension after one that failed, on the monotonic clock. */
  #retryAt = 0;

  /** @param maxHold for how many ms the lease is extended */
  constructor(runtime: Runtime, driftFactor: number, maxHold: number) {
    this.#runtime = runtime;
    this.#driftFactor = driftFactor;
    this.#until = runtime.now() + maxHold;
  }

  /**
   * How long to wait, in ms, from what is known now; 0: the extension is due; Infinity: there will be none. It is due when a
   * third of the ttl has passed, but at half of the validity at the latest, which is earlier if `driftFactor` is large; or,
   * after one that failed, at the end of the pause.
   * @param remaining the validity that is left, in ms
   * @param early whether it may also run if it is due within `slack`
   */
  wait(remaining: number, ttl: number, early: boolean): number {
    const now = this.#runtime.now();
    if (now >= this.#until) return Infinity;
    const full = fullValidity(ttl, this.#driftFactor);
    const least = Math.max(full - ttl / 3, full / 2);
    const due = Math.max(remaining - least, this.#retryAt - now);
    if (due <= (early ? this.slack(ttl) : 0)) return 0;
    // Earlier by the drift: the timer runs on the monotonic clock, and the wall clock, by which the validity may end, may be
    // the faster one.
    return due * (1 - this.#driftFactor);
  }

  /** Runs an extension that is due. */
  run(extend: () => void): void {
    if (this.#scope) this.#scope(extend);
    else extend();
  }

  /**
   * How much earlier than due an extension may run, in ms. A retry may not run early, because retries would then follow
   * each other at once.
   */
  slack(ttl: number): number {
    const isRetry = this.#retryAt > this.#runtime.now();
    return isRetry ? 0 : (ttl / 3) * EARLY;
  }

  /**
   * Puts the next extension off. The one that failed has changed nothing, but there must be time for many more.
   * @param remaining the validity that is left, in ms
   * @returns for how long, in ms
   */
  postpone(remaining: number): number {
    const pause = remaining / 10;
    this.#retryAt = this.#runtime.now() + pause;
    return pause;
  }

  /** Drops the pause, because an extension has succeeded. */
  succeeded(): void {
    this.#retryAt = 0;
  }
}
