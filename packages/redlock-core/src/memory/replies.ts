import { LONGEST_TIMER, systemRuntime, type Timer } from '../time/runtime.js';

/** A reply that is on its way. */
interface Pending {
  /** When its command was given, on the monotonic clock. */
  readonly since: number;
  readonly arrive: () => void;
  readonly lose: (error: Error) => void;
}

/** Delays the replies of a memory node. They arrive in order, however long that takes. */
export class Replies {
  #delay = 0;
  #pending: Pending[] = [];
  #timer: Timer | null = null;

  /** Resolves when a reply that is sent now arrives; `undefined`: it arrives at once. */
  next(): Promise<void> | undefined {
    if (this.#delay === 0 && this.#pending.length === 0) return undefined;
    return new Promise<void>((arrive, lose) => {
      this.#pending.push({ since: systemRuntime.now(), arrive, lose });
      this.#schedule();
    });
  }

  /**
   * Changes how long replies take, also those on their way.
   * @param ms for each reply; Infinity: none arrives
   */
  delay(ms: number): void {
    this.#delay = ms;
    this.#schedule();
  }

  /** Rejects all replies that are on their way. */
  lose(error: Error): void {
    const lost = this.#pending;
    this.#pending = [];
    this.#schedule();
    for (const { lose } of lost) lose(error);
  }

  /** Sets the one timer, for the first reply that is on its way. */
  #schedule(): void {
    if (this.#timer) systemRuntime.clearTimeout(this.#timer);
    this.#timer = null;
    const [first] = this.#pending;
    if (!first || this.#delay === Infinity) return;
    const ms = Math.max(first.since + this.#delay - systemRuntime.now(), 0);
    this.#timer = systemRuntime.setTimeout(() => this.#arrive(), Math.min(ms, LONGEST_TIMER));
  }

  #arrive(): void {
    this.#timer = null;
    const latest = systemRuntime.now() - this.#delay;
    while (this.#pending[0] && this.#pending[0].since <= latest) this.#pending.shift()?.arrive();
    this.#schedule();
  }
}

/** How long commands of memory nodes may keep the event loop from turning, in ms. */
const MAX_TURN = 1;

/**
 * Lets the event loop turn. Memory nodes reply at once, so a loop of locks would starve timers and sockets.
 *
 * Perf: one immediate for each turn in which memory nodes are used, not one for each command.
 */
export class Turns {
  #since: number | null = null;
  #turn: Promise<void> = Promise.resolve();

  /** Resolves in the next turn; `undefined`: this one has not lasted long. */
  next(): Promise<void> | undefined {
    const now = systemRuntime.now();
    if (this.#since !== null) return now - this.#since > MAX_TURN ? this.#turn : undefined;
    this.#since = now;
    this.#turn = new Promise((resolve) =>
      systemRuntime.afterSockets(() => {
        this.#since = null;
        resolve();
      }),
    );
    return undefined;
  }
}
