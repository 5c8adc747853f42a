import { LONGEST_TIMER, type Runtime } from './runtime.js';

/** Time that passes, until it has or is cut short. */
export class Pause {
  readonly over: Promise<void>;
  #end: () => void = () => {};

  /** @param signals which end it when one of them is aborted */
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
      for (const signal of signals) if (signal) join(signal, this);
    });
  }

  end(): void {
    this.#end();
  }
}

interface Audience {
  readonly pauses: Set<Pause>;
  readonly listener: () => void;
}

/** One listener a signal for any number of pauses: Node looks through all at each change, and warns. */
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
