import { LONGEST_TIMER, type Runtime, type Timer } from './runtime.js';

/** A wait that ends when its time has passed, or earlier. */
export class Pause {
  readonly over: Promise<void>;
  isOver = false;
  #end: () => void = () => {};
  #timer: Timer | null = null;

  /** @param signals end the pause when one of them aborts */
  constructor(ms: number, runtime: Runtime, signals: readonly (AbortSignal | undefined)[]) {
    this.over = new Promise((resolve) => {
      if (signals.some((signal) => signal?.aborted)) {
        this.isOver = true;
        resolve();
        return;
      }
      this.#end = () => {
        this.isOver = true;
        runtime.clearTimeout(timer);
        for (const signal of signals) if (signal) leave(signal, this.#end);
        resolve();
      };
      const timer = runtime.setTimeout(this.#end, Math.min(Math.ceil(ms), LONGEST_TIMER));
      this.#timer = timer;
      for (const signal of signals) if (signal) join(signal, this.#end);
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

/**
 * Calls `listener` when a signal aborts, or at once if it has.
 * @returns a function that ends that
 */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  if (signal.aborted) listener();
  else join(signal, listener);
  return () => leave(signal, listener);
}

interface Audience {
  readonly listeners: Set<() => void>;
  readonly tell: () => void;
}

/**
 * Perf: time per pause. One listener on each signal serves any number of others: Node searches all listeners at each
 * change, and warns of many.
 */
const audiences = new WeakMap<AbortSignal, Audience>();

function join(signal: AbortSignal, listener: () => void): void {
  let audience = audiences.get(signal);
  if (!audience) {
    const listeners = new Set<() => void>();
    const tell = (): void => {
      for (const each of listeners) each();
    };
    audience = { listeners, tell };
    audiences.set(signal, audience);
    signal.addEventListener('abort', tell);
  }
  audience.listeners.add(listener);
}

function leave(signal: AbortSignal, listener: () => void): void {
  const audience = audiences.get(signal);
  if (!audience?.listeners.delete(listener) || audience.listeners.size > 0) return;
  signal.removeEventListener('abort', audience.tell);
  audiences.delete(signal);
}
