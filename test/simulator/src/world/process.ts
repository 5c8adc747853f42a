import { proposals, type Runtime, type Timer } from '../core.js';
import type { Clock } from './clock.js';
import type { Random } from 'test-kit/random';
import type { World } from './world.js';

/** How late a timer fires that nothing holds up, in ms. */
const TIMER_LATENESS = 1;

/** Far more than any validity, in ms. */
const FAR = 1e9;

class ProcessTimer implements Timer {
  constructor(
    readonly callback: () => void,
    /** On the monotonic clock. */
    readonly due: number,
  ) {}

  unref(): this {
    return this;
  }
}

export interface ProcessClocks {
  readonly mono: Clock;
  readonly wall: Clock;
  /** Whether the process reads its monotonic clock in whole ms. */
  readonly isCoarse?: boolean;
}

/** What a lock's validity ends at, on each clock of its process. */
export interface ValidityEnds {
  readonly mono: number;
  readonly wall: number;
}

/**
 * A process of a client: its clocks, its timers, its pauses and its crash. Everything that runs in it
 * does so through {@link run}.
 */
export class ClientProcess implements Runtime {
  readonly name: string;
  readonly mono: Clock;
  readonly wall: Clock;
  /** Tokens it has made, and when, in true time. */
  readonly tokens = new Map<string, number>();
  crashed = false;
  /** Whether the clients of its nodes can subscribe. */
  canSubscribe = true;
  /** Since when it runs and its clocks are not touched, in true time. */
  calmSince = 0;
  /** On the monotonic clock. */
  wokeAt = -Infinity;
  readonly #isCoarse: boolean;
  readonly #world: World;
  readonly #random: Random;
  readonly #onRun: (process: ClientProcess) => void;
  readonly #timers = new Set<Timer>();
  readonly #proposals = proposals(() => this.wallNow());
  #paused = false;
  /** What happened while it was paused. An event loop looks at timers first. */
  #dueTimers: (() => void)[] = [];
  #arrived: (() => void)[] = [];
  /** Commands of the turn in which the process stands still, which it sends when it goes on. */
  #sentLate: (() => void)[] = [];
  /** How far its clocks are ahead, because it stands still within a turn until true time has caught up, in true ms. */
  #ahead = 0;
  /** While somebody looks at validities: how far the clocks are turned back. */
  #monoShift = 0;
  #wallShift = 0;

  constructor(
    name: string,
    world: World,
    random: Random,
    { mono, wall, isCoarse = false }: ProcessClocks,
    onRun: (process: ClientProcess) => void,
  ) {
    this.name = name;
    this.#onRun = onRun;
    this.mono = mono;
    this.#isCoarse = isCoarse;
    this.wall = wall;
    this.#world = world;
    this.#random = random;
  }

  get paused(): boolean {
    return this.#paused;
  }

  get pendingTimers(): number {
    return this.#timers.size;
  }

  /** Runs code in this process: now, when it wakes, or never. */
  run(act: () => void): void {
    if (this.crashed) return;
    if (this.#paused) {
      this.#arrived.push(act);
      return;
    }
    this.#onRun(this);
    act();
  }

  pause(): void {
    this.#paused = true;
  }

  /**
   * Stands still in the middle of this turn. What the turn does from now on, it does `ms` later: it reads its clocks as they
   * are then, and what it sends is sent then.
   */
  standStill(ms: number): void {
    if (this.#paused) return;
    this.pause();
    this.#ahead = ms;
    this.#world.after(ms, () => {
      this.#ahead = 0;
      if (!this.crashed) this.wake();
    });
  }

  /** Sends something, now or, in a turn in which the process has stood still, after that. */
  send(act: () => void): void {
    if (this.#ahead > 0) this.#sentLate.push(act);
    else act();
  }

  wake(): void {
    for (const act of this.#sentLate.splice(0)) act();
    this.#paused = false;
    this.wokeAt = this.mono.read();
    this.calmSince = this.#world.now;
    for (const act of [...this.#dueTimers, ...this.#arrived]) {
      this.#world.after(0, () => this.run(act));
    }
    this.#dueTimers = [];
    this.#arrived = [];
  }

  /** Resolves when `ms` have passed on the monotonic clock. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.setTimeout(resolve, ms));
  }

  now(): number {
    return this.readMono(this.#ahead) - this.#monoShift;
  }

  /** The monotonic clock as its programs read it. @param ahead in true ms from now */
  readMono(ahead = 0): number {
    const now = this.mono.readAt(this.#world.now + ahead);
    return this.#isCoarse ? Math.floor(now) : now;
  }

  wallNow(): number {
    return Math.floor(this.wall.readAt(this.#world.now + this.#ahead)) - this.#wallShift;
  }

  setTimeout(callback: () => void, ms: number): Timer {
    // As Node does.
    const delay = Math.max(1, Math.trunc(ms));
    const timer = new ProcessTimer(callback, this.now() + delay);
    this.#timers.add(timer);
    this.#arm(timer);
    return timer;
  }

  clearTimeout(timer: Timer): void {
    this.#timers.delete(timer);
  }

  afterSockets(callback: () => void): void {
    this.#world.after(0, () => this.run(callback));
  }

  random(): number {
    return this.#random.next();
  }

  token(): string {
    const token = `${this.name}.${this.tokens.size + 1}`;
    this.tokens.set(token, this.#world.now);
    return token;
  }

  proposal(): number {
    return this.#proposals();
  }

  /**
   * When the validity of a lock ends that is valid still, on each clock. With clocks turned back
   * nothing that is asked has ended, so asking changes nothing, in a paused process neither.
   * @param remaining asks the lock
   * @returns null: the lock is over
   */
  endsOf(remaining: () => number): ValidityEnds | null {
    const mono = this.now();
    const wall = this.wallNow();
    this.#monoShift = FAR;
    this.#wallShift = 1000 * FAR;
    const byMono = remaining();
    this.#monoShift = 1000 * FAR;
    this.#wallShift = FAR;
    const byWall = byMono === 0 ? 0 : remaining();
    this.#monoShift = 0;
    this.#wallShift = 0;
    if (byMono === 0) return null;
    return { mono: mono + byMono - FAR, wall: wall + byWall - FAR };
  }

  #arm(timer: ProcessTimer): void {
    const ms = this.mono.trueMs(timer.due - this.now());
    const lateness = this.#random.next() * TIMER_LATENESS;
    this.#world.after(this.#ahead + ms + lateness, () => this.#fire(timer));
  }

  #fire(timer: ProcessTimer): void {
    if (this.crashed || !this.#timers.has(timer)) return;
    if (this.#paused) this.#dueTimers.push(() => this.#expire(timer));
    else this.run(() => this.#expire(timer));
  }

  #expire(timer: ProcessTimer): void {
    if (!this.#timers.has(timer)) return;
    // The clock has stood still meanwhile.
    if (timer.due > this.now()) {
      this.#arm(timer);
      return;
    }
    this.#timers.delete(timer);
    timer.callback();
  }
}
