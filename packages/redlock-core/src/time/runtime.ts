import { setImmediate } from 'node:timers';
import { nanoid } from 'nanoid';

/** A pending timer. `unref` lets the process exit although the timer is pending. */
export interface Timer {
  unref(): unknown;
}

/**
 * The only source of time, timers, chance and tokens for the core, so a simulator that brings its own runs the real
 * core.
 */
export interface Runtime {
  /** The monotonic clock, in ms. May stop while the machine is suspended. */
  now(): number;
  /** The wall clock, in ms since 1970. May be set forward and back. */
  wallNow(): number;
  /** Runs `callback` once, after `ms`. The core keeps `ms` within 0 to 2^31 - 1. */
  setTimeout(callback: () => void, ms: number): Timer;
  clearTimeout(timer: Timer): void;
  /** Runs `callback` after the event loop has read its sockets once more. */
  afterSockets(callback: () => void): void;
  /** A random number, at least 0 and below 1. */
  random(): number;
  /** A value that cannot be guessed and is never given twice. */
  token(): string;
  /** The wall clock in microseconds. Each value is higher than the one before, unless the clock was set back. */
  proposal(): number;
}

// Fake timers of a test replace clocks and timers, which the runtime looks up with each use, so such a test controls
// time. The three functions below are not timers. They are taken when this module is loaded, so an acquire goes on
// while a test's time is stopped.
const immediate = setImmediate;
const nextTick = process.nextTick.bind(process);
const settled = Promise.resolve();

/**
 * Runs `callback` soon, but not in this call: when all promises have run that can.
 * @internal
 */
export function afterPromises(callback: () => void): void {
  // In a callback that is not a promise's, as of a timer, nextTick alone would run before all promises.
  void settled.then(() => nextTick(callback));
}

/**
 * The runtime of the process.
 * @internal
 */
export const systemRuntime: Runtime = {
  now: () => performance.now(),
  wallNow: () => Date.now(),
  setTimeout: (callback, ms) => setTimeout(callback, ms),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
  // Immediates run in the check phase, which comes after the poll phase, in which sockets are read.
  afterSockets: (callback) => void immediate(callback),
  random: () => Math.random(),
  token: () => nanoid(),
  proposal: proposals(() => Date.now()),
};

/**
 * The longest delay of a timer, in ms. A delay that does not fit 32 bits makes Node fire the timer at once.
 * @internal
 */
export const LONGEST_TIMER = 2 ** 31 - 1;

/** Makes microseconds from a clock that shows milliseconds, by counting within each millisecond. */
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
