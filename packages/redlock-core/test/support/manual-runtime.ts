import type { Runtime, Timer } from 'redlock-core/internal';
import { proposals } from '../../src/time/runtime.js';
import { afterImmediate, settle } from './settle.js';

interface PendingTimer extends Timer {
  readonly at: number;
  readonly ms: number;
  readonly callback: () => void;
  unreffed: boolean;
}

/** Two clocks that move by hand, timers that fire as they do, chance without chance. */
export class ManualRuntime implements Runtime {
  readonly tokens: string[] = [];
  /** The delays of all timers ever set. */
  readonly delays: number[] = [];
  /** What `random` returns. */
  chance = 0.5;
  /** What reading the sockets brings. */
  sockets = (): void => {};
  #mono = 5000;
  #wall = 1_700_000_000_000;
  readonly #timers = new Set<PendingTimer>();

  now = (): number => this.#mono;
  wallNow = (): number => this.#wall;
  random = (): number => this.chance;
  proposal = proposals(() => this.#wall);

  setTimeout = (callback: () => void, ms: number): Timer => {
    this.delays.push(ms);
    const timer: PendingTimer = {
      at: this.#mono + ms,
      ms,
      callback,
      unreffed: false,
      unref: () => (timer.unreffed = true),
    };
    this.#timers.add(timer);
    return timer;
  };

  clearTimeout = (timer: Timer): void => {
    this.#timers.delete(timer as PendingTimer);
  };

  /** No time passes: this is the event loop's next turn, not a timer. */
  afterSockets = (callback: () => void): void => {
    afterImmediate(() => {
      this.sockets();
      afterImmediate(callback);
    });
  };

  /** As long as one of nanoid. */
  token = (): string => {
    const token = `token-${String(this.tokens.length + 1).padStart(7, '0')}-of-ours`;
    this.tokens.push(token);
    return token;
  };

  /** The delays of the timers that are set. */
  get pending(): number[] {
    return [...this.#timers].map(({ ms }) => ms);
  }

  /** Those that keep the process alive. */
  get holding(): number[] {
    return [...this.#timers].filter(({ unreffed }) => !unreffed).map(({ ms }) => ms);
  }

  /** Time passes: timers fire in order, each after everything before it is done. */
  async advance(ms: number): Promise<void> {
    const end = this.#mono + ms;
    await settle();
    for (;;) {
      const due = [...this.#timers].filter(({ at }) => at <= end);
      const [next] = due.toSorted((a, b) => a.at - b.at);
      this.#move(Math.max((next?.at ?? end) - this.#mono, 0));
      if (!next) return;
      this.clearTimeout(next);
      next.callback();
      await settle();
    }
  }

  /** The process stands still while both clocks go on: timers that were due meanwhile fire late. */
  standStill(ms: number): void {
    this.#move(ms);
  }

  /** The machine sleeps: the monotonic clock stands still and timers do not count. */
  suspend(ms: number): void {
    this.#wall += ms;
  }

  setWallBack(ms: number): void {
    this.#wall -= ms;
  }

  #move(ms: number): void {
    this.#mono += ms;
    this.#wall += ms;
  }
}
