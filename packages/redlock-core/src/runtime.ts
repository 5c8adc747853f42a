import { nanoid } from 'nanoid';

/** A pending timer; `unref` lets the process exit although it is pending. */
export interface Timer {
  unref(): unknown;
}

/**
 * Where the core gets time, timers and chance from, and the only place it does: a simulator that
 * brings its own runs the real core.
 */
export interface Runtime {
  /** Monotonic clock, ms. May stand still while the machine is suspended. */
  now(): number;
  /** Wall clock, ms since 1970. May be set forward and back. */
  wallNow(): number;
  /** Runs `callback` once, `ms` from now. Callers keep `ms` within 0 to 2^31 - 1. */
  setTimeout(callback: () => void, ms: number): Timer;
  clearTimeout(timer: Timer): void;
  /** Runs `callback` after the event loop has read its sockets once more. */
  afterSockets(callback: () => void): void;
  /** At least 0, below 1. */
  random(): number;
  /** A value nobody can guess and nobody gets twice. */
  token(): string;
  /** The wall clock in microseconds; while that is not set back, each is higher than the one before. */
  proposal(): number;
}

export const systemRuntime: Runtime = {
  now: () => performance.now(),
  wallNow: () => Date.now(),
  setTimeout: (callback, ms) => setTimeout(callback, ms),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
  // The check phase, in which immediates run, comes after the poll phase, which reads sockets.
  afterSockets: (callback) => void setImmediate(callback),
  random: () => Math.random(),
  token: () => nanoid(),
  proposal: proposals(() => Date.now()),
};

/** Makes microseconds of a clock that has milliseconds, by counting within each. */
export function proposals(wallNow: () => number): () => number {
  let read = -Infinity;
  let latest = -Infinity;
  return () => {
    const wall = wallNow();
    latest = wall >= read ? Math.max(wall * 1000, latest + 1) : wall * 1000;
    read = wall;
    return latest;
  };
}

/** Node fires a timer at once when its delay does not fit 32 bits. */
export const LONGEST_TIMER = 2 ** 31 - 1;
