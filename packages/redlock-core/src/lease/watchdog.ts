import type { Runtime, Timer } from '../time/runtime.js';

/** Something that the watchdog looks after. */
export interface Watchable {
  /** The position in the watchdog's list; -1: not in it. */
  position: number;
  /** How many ms before its time the next action may run, if another one is due. */
  readonly slack: number;
  /**
   * Runs the action that is due.
   * @param early whether to run it also if it is due within `slack`
   * @returns in how many ms the next action is due; 0: never again
   */
  check(early: boolean): number;
}

/** Both clocks are read this often, in ms: a suspension must not go unnoticed for long. */
const SWEEP = 1000;

/** When an action is due, and from when on it may run, on the monotonic clock. */
interface Due {
  readonly at: number;
  readonly from: number;
  readonly watched: Watchable;
}

/**
 * Looks after all leases of a Redlock, with one timer that never keeps the process alive and is set only while something
 * is held: none fires after a release.
 */
export class Watchdog<W extends Watchable = Watchable> {
  readonly #runtime: Runtime;
  readonly #held: W[] = [];
  /** Actions that are due before the next sweep, the soonest first. May contain stale entries. */
  #soon: Due[] = [];
  #sweepAt = 0;
  #timer: Timer | null = null;
  #timerAt = Infinity;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** Everything that the watchdog looks after. */
  get held(): readonly W[] {
    return this.#held;
  }

  /**
   * How late the timer is, in ms: the event loop was blocked, or the process stopped, for that time. Whether that has
   * cost a lock is decided by the lease.
   */
  get lateness(): number {
    return Math.max(this.#runtime.now() - this.#timerAt, 0);
  }

  add(watched: W): void {
    if (this.#held.length === 0) this.#sweepAt = this.#runtime.now() + SWEEP;
    watched.position = this.#held.push(watched) - 1;
    this.check(watched);
  }

  /** Looks at something because it has changed. */
  check(watched: Watchable): void {
    this.#checkNow(watched, false);
    this.#arm();
  }

  remove(watched: W): void {
    const { position } = watched;
    if (position < 0) return;
    watched.position = -1;
    const last = this.#held.pop();
    if (last && last !== watched) {
      this.#held[position] = last;
      last.position = position;
    }
    if (this.#held.length > 0) return;
    this.#soon = [];
    this.#disarm();
  }

  #note(watched: Watchable, ms: number): void {
    if (ms <= 0) return;
    const at = this.#runtime.now() + ms;
    if (at >= this.#sweepAt) return;
    const behind = this.#soon.findLastIndex((due) => due.at <= at);
    this.#soon.splice(behind + 1, 0, { at, from: at - watched.slack, watched });
  }

  #arm(): void {
    if (this.#held.length === 0) return;
    const at = Math.min(this.#sweepAt, this.#soon[0]?.at ?? Infinity);
    if (this.#timer && this.#timerAt <= at) return;
    this.#disarm();
    this.#timerAt = at;
    this.#timer = this.#runtime.setTimeout(
      () => this.#fire(),
      Math.max(Math.ceil(at - this.#runtime.now()), 0),
    );
    this.#timer.unref();
  }

  #disarm(): void {
    if (this.#timer) this.#runtime.clearTimeout(this.#timer);
    this.#timer = null;
    this.#timerAt = Infinity;
  }

  #fire(): void {
    this.#timer = null;
    const now = this.#runtime.now();
    if (now >= this.#sweepAt) {
      this.#sweepAt = now + SWEEP;
      this.#soon = [];
      for (const watched of this.#held.slice()) this.#checkNow(watched, false);
    } else {
      const due = this.#soon.filter(({ from }) => from <= now);
      this.#soon = this.#soon.filter(({ from }) => from > now);
      for (const { watched } of due) this.#checkNow(watched, true);
    }
    this.#arm();
  }

  #checkNow(watched: Watchable, early: boolean): void {
    if (watched.position >= 0) this.#note(watched, watched.check(early));
  }
}
