import { setImmediate } from 'node:timers';
import { nanoid } from 'nanoid';
import { proposals } from './proposals.js';

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

// Fake timers of a test replace clocks and timers, which are looked up with each use: time is the test's. These
// three are taken while this is loaded, because they are no timers: with them an acquire goes on while time stands.
const immediate = setImmediate;
const nextTick = process.nextTick.bind(process);
const settled = Promise.resolve();

/**
 * Runs `callback` at once, but not in this very call: when all promises have run that can.
 * @internal
 */
export function afterPromises(callback: () => void): void {
  // From a callback that is no promise's, as of a timer, nextTick alone would come before all promises.
  void settled.then(() => nextTick(callback));
}

/** @internal */
export const systemRuntime: Runtime = {
  now: () => performance.now(),
  wallNow: () => Date.now(),
  setTimeout: (callback, ms) => setTimeout(callback, ms),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
  // The check phase, in which immediates run, comes after the poll phase, which reads sockets.
  afterSockets: (callback) => void immediate(callback),
  random: () => Math.random(),
  token: () => nanoid(),
  proposal: proposals(() => Date.now()),
};

/**
 * Node fires a timer at once when its delay does not fit 32 bits.
 * @internal
 */
export const LONGEST_TIMER = 2 ** 31 - 1;
