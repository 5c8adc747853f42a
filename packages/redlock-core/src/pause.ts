import { setMaxListeners } from 'node:events';
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
        for (const signal of signals) signal?.removeEventListener('abort', this.#end);
        resolve();
      };
      const timer = runtime.setTimeout(this.#end, Math.min(Math.ceil(ms), LONGEST_TIMER));
      for (const signal of signals) {
        // Any number of waiters may share one; Node would take more than ten for a leak.
        if (signal) setMaxListeners(0, signal);
        signal?.addEventListener('abort', this.#end);
      }
    });
  }

  end(): void {
    this.#end();
  }
}
