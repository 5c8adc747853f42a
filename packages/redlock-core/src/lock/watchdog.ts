import type { Runtime, Timer } from '../time/runtime.js';

/** What the watch looks after. */
export interface Watchable {
  /** In the watch's list; -1: not there. */
  position: number;
  /** How much before its time the next thing may be done, in ms, when something else is due. */
  readonly slack: number;
  /**
   * Does what is due; says in how many ms the next thing is. 0: nothing ever again.
   * @param early what is due within `slack`, too
   */
  look(early: boolean): number;
}

/** Both clocks are looked at this often, in ms: a suspension must not go unnoticed for long. */
const SWEEP = 1000;

interface Due {
  readonly at: number;
  readonly from: number;
  readonly watched: Watchable;
}

/**
 * Looks after all that a Redlock holds, with one timer that never keeps the process alive and is set
 * only while something is held.
 */
export class Watchdog<W extends Watchable = Watchable> {
  readonly #runtime: Runtime;
  readonly #held: W[] = [];
  /** What is due before the next sweep, soonest first. What ended or changed meanwhile is in it too. */
  #soon: Due[] = [];
  #sweepAt = 0;
  #timer: Timer | null = null;
  #timerAt = Infinity;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** All that it looks after. */
  get held(): readonly W[] {
    return this.#held;
  }

  add(watched: W): void {
    if (this.#held.length === 0) this.#sweepAt = this.#runtime.now() + SWEEP;
    watched.position = this.#held.push(watched) - 1;
    this.look(watched);
  }

  /** Something about it has changed. */
  look(watched: Watchable): void {
    this.#lookAt(watched, false);
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
      for (const watched of this.#held.slice()) this.#lookAt(watched, false);
    } else {
      const due = this.#soon.filter(({ from }) => from <= now);
      this.#soon = this.#soon.filter(({ from }) => from > now);
      for (const { watched } of due) this.#lookAt(watched, true);
    }
    this.#arm();
  }

  #lookAt(watched: Watchable, early: boolean): void {
    if (watched.position >= 0) this.#note(watched, watched.look(early));
  }
}
