import type { Runtime } from '../time/runtime.js';
import { fullValidity } from '../time/validity.js';

export interface ScheduleServices {
  readonly runtime: Runtime;
  readonly driftFactor: number;
}

/** An extension may run this fraction of ttl/3 early, to share a command with others. */
const EARLY = 0.1;

/** When the next extension of a lease that is extended automatically is due. */
export class ExtensionSchedule {
  readonly #services: ScheduleServices;
  /** When automatic extension ends, on the monotonic clock. */
  readonly #until: number;
  /** When to try the next extension after one that failed, on the monotonic clock. */
  #retryAt = 0;

  /** @param maxHold for how many ms the lease is extended */
  constructor(services: ScheduleServices, maxHold: number) {
    this.#services = services;
    this.#until = services.runtime.now() + maxHold;
  }

  get isOver(): boolean {
    return this.#services.runtime.now() >= this.#until;
  }

  /**
   * Ms until the next extension: it is due when a third of the ttl is over, but at half of the validity at the latest,
   * which is earlier if `driftFactor` is large; or, after one that failed, at the end of the pause.
   * @param remaining the validity that is left, in ms
   */
  due(remaining: number, ttl: number): number {
    const { runtime, driftFactor } = this.#services;
    const full = fullValidity(ttl, driftFactor);
    const least = Math.max(full - ttl / 3, full / 2);
    return Math.max(remaining - least, this.#retryAt - runtime.now());
  }

  /**
   * In how many ms to look at an extension that is not due yet. That is earlier by the drift, because the timer runs on
   * the monotonic clock, and the validity may end by the wall clock, which may be the faster one.
   * @param due ms until it is due
   */
  nextLook(due: number): number {
    return due * (1 - this.#services.driftFactor);
  }

  /**
   * How much earlier than due an extension may run, in ms. A retry may not run early: retries would follow each other
   * at once.
   */
  slack(ttl: number): number {
    const isRetry = this.#retryAt > this.#services.runtime.now();
    return isRetry ? 0 : (ttl / 3) * EARLY;
  }

  /**
   * Puts the next extension off. The one that failed has changed nothing, but there must be time for many more.
   * @param remaining the validity that is left, in ms
   * @returns for how long, in ms
   */
  postpone(remaining: number): number {
    const pause = remaining / 10;
    this.#retryAt = this.#services.runtime.now() + pause;
    return pause;
  }

  /** Forgets the pause, because an extension has succeeded. */
  succeeded(): void {
    this.#retryAt = 0;
  }
}
