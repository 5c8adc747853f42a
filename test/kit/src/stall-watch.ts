import { performance } from 'node:perf_hooks';
// Not the globals: a test may have replaced those by fake timers.
import { clearInterval, setInterval } from 'node:timers';

/** What a watch reads, in ms. */
export interface Clocks {
  /** The monotonic clock. */
  now(): number;
  /** For how long this process has computed. */
  computed(): number;
}

const systemClocks: Clocks = {
  now: () => performance.now(),
  computed: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
};

/** The watch looks this often, in ms. */
const INTERVAL = 50;
/** A look is a stall's when it comes this much later, in ms, and the process did not compute meanwhile. */
const STALL = 200;

/** Sees, by a timer that comes late, when the machine does not let this process run. */
export class StallWatch implements Disposable {
  readonly #clocks: Clocks;
  readonly #onStall: (ms: number) => void;
  readonly #timer: NodeJS.Timeout;
  #now: number;
  #computed: number;
  #stalled = 0;

  /** @param onStall called at the end of each stall with how long it was */
  constructor(onStall: (ms: number) => void = () => {}, clocks = systemClocks) {
    this.#clocks = clocks;
    this.#onStall = onStall;
    this.#now = clocks.now();
    this.#computed = clocks.computed();
    this.#timer = setInterval(() => this.look(), INTERVAL).unref();
  }

  /** @returns for how long the process has stood still in stalls since the watch began, in ms */
  look(): number {
    const now = this.#clocks.now();
    const computed = this.#clocks.computed();
    // Code that blocks the event loop makes the timer late, too, but it computes.
    const still = now - this.#now - (computed - this.#computed) - INTERVAL;
    this.#now = now;
    this.#computed = computed;
    if (still >= STALL) {
      this.#stalled += still;
      this.#onStall(still);
    }
    return this.#stalled;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
