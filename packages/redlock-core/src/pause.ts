import { setMaxListeners } from 'node:events';
import { LONGEST_TIMER, type Runtime } from './runtime.js';

/** Resolves after `ms`, or as soon as one of the signals is aborted. */
export function pause(
  ms: number,
  runtime: Runtime,
  signals: readonly (AbortSignal | undefined)[],
): Promise<void> {
  if (signals.some((signal) => signal?.aborted)) return Promise.resolve();
  return new Promise((resolve) => {
    const end = (): void => {
      runtime.clearTimeout(timer);
      for (const signal of signals) signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = runtime.setTimeout(end, Math.min(Math.ceil(ms), LONGEST_TIMER));
    for (const signal of signals) {
      // Any number of waiters may share one; Node would take more than ten for a leak.
      if (signal) setMaxListeners(0, signal);
      signal?.addEventListener('abort', end);
    }
  });
}
