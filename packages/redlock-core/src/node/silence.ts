import type { Runtime, Timer } from '../time/runtime.js';

/** A connection that was silent for so long, with commands in flight, is replaced. In ms. */
const LIMIT = 10_000;

/**
 * The time during which a server answers nothing although commands are in flight. A half-open
 * connection would otherwise keep a healthy node out for the quarter of an hour TCP takes to give up.
 */
export class Silence {
  readonly #runtime: Runtime;
  readonly #reconnect: () => void;
  #timer: Timer | null = null;
  /** On the monotonic clock. */
  #answeredAt = -Infinity;
  #closed = false;
  /** Operations written and not answered. */
  #inFlight = 0;
  /** Since the silence began, or the connection was replaced. */
  #written = false;

  constructor(runtime: Runtime, reconnect: () => void) {
    this.#runtime = runtime;
    this.#reconnect = reconnect;
  }

  get active(): boolean {
    return this.#timer !== null;
  }

  /** Nothing is in flight. */
  get isIdle(): boolean {
    return this.#inFlight === 0;
  }

  /** An operation is being written. */
  written(): void {
    this.#inFlight++;
    this.#written = true;
  }

  /** It is answered, or given up by the client. */
  settled(): void {
    this.#inFlight--;
  }

  /**
   * A command of then has got no answer: silence, unless another has.
   * @param since when it was sent, on the monotonic clock
   */
  begin(since: number): void {
    if (this.active || this.#closed || this.#answeredAt > since) return;
    this.#arm(Math.max(LIMIT - (this.#runtime.now() - since), 0));
  }

  answered(now: number): void {
    this.#answeredAt = now;
    this.end();
  }

  end(): void {
    if (this.#timer) this.#runtime.clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** Ends it for good: connections are none of our business any more. */
  close(): void {
    this.end();
    this.#closed = true;
  }

  #arm(ms: number): void {
    this.#written = false;
    this.#timer = this.#runtime.setTimeout(() => {
      // What its client gave up long ago says nothing of a connection on which nothing is asked.
      const isAsked = this.#written || !this.isIdle;
      this.#arm(LIMIT);
      if (isAsked) this.#reconnect();
    }, ms);
    this.#timer.unref();
  }
}
