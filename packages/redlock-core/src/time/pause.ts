import { LONGEST_TIMER, type Runtime, type Timer } from './runtime.js';

/** A wait that ends when its time is over, or earlier. */
export class Pause {
  readonly over: Promise<void>;
  #end: () => void = () => {};
  #timer: Timer | null = null;

  /** @param signals end the pause when one of them aborts */
  constructor(ms: number, runtime: Runtime, signals: readonly (AbortSignal | undefined)[]) {
    this.over = new Promise((resolve) => {
      if (signals.some((signal) => signal?.aborted)) {
        resolve();
        return;
      }
      this.#end = () => {
        runtime.clearTimeout(timer);
        for (const signal of signals) if (signal) leave(signal, this);
        resolve();
      };
      const timer = runtime.setTimeout(this.#end, Math.min(Math.ceil(ms), LONGEST_TIMER));
      this.#timer = timer;
      for (const signal of signals) if (signal) join(signal, this);
    });
  }

  end(): void {
    this.#end();
  }

  /** Lets the process exit although the pause is not over. */
  unref(): void {
    this.#timer?.unref();
  }
}

interface Audience {
  readonly pauses: Set<Pause>;
  readonly listener: () => void;
}

/**
 * Perf: time per pause. One listener on each signal serves any number of pauses: Node searches all listeners at each
 * change, and warns of many.
 */
const audiences = new WeakMap<AbortSignal, Audience>();

function join(signal: AbortSignal, pause: Pause): void {
  let audience = audiences.get(signal);
  if (!audience) {
    const pauses = new Set<Pause>();
    const listener = (): void => {
      for (const each of pauses) each.end();
    };
    audience = { pauses, listener };
    audiences.set(signal, audience);
    signal.addEventListener('abort', listener);
  }
  audience.pauses.add(pause);
}

function leave(signal: AbortSignal, pause: Pause): void {
  const audience = audiences.get(signal);
  if (!audience?.pauses.delete(pause) || audience.pauses.size > 0) return;
  signal.removeEventListener('abort', audience.listener);
  audiences.delete(signal);
}
