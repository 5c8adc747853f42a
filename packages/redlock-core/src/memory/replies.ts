import { LONGEST_TIMER, systemRuntime, type Timer } from '../time/runtime.js';

/** A reply that is on its way. */
interface Pending {
  /** When its command was given, on the monotonic clock. */
  readonly since: number;
  readonly arrive: () => void;
  readonly lose: (error: Error) => void;
}

/** The way of replies from a node in this process. They arrive in order, however long it takes. */
export class Replies {
  #delay = 0;
  #pending: Pending[] = [];
  #timer: Timer | null = null;

  /** Resolves when a reply that sets out now arrives; undefined: at once. */
  next(): Promise<void> | undefined {
    if (this.#delay === 0 && this.#pending.length === 0) return undefined;
    return new Promise<void>((arrive, lose) => {
      this.#pending.push({ since: systemRuntime.now(), arrive, lose });
      this.#schedule();
    });
  }

  /** @param ms that each takes, those on their way too; Infinity: none arrives */
  delay(ms: number): void {
    this.#delay = ms;
    this.#schedule();
  }

  /** None that is on its way arrives. */
  lose(error: Error): void {
    const lost = this.#pending;
    this.#pending = [];
    this.#schedule();
    for (const { lose } of lost) lose(error);
  }

  /** One timer, for the first of them. */
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
