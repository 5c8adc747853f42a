import type { Runtime } from './runtime.js';

/** One moment, read on both clocks. */
export interface Instant {
  readonly mono: number;
  readonly wall: number;
}

export function readClocks(runtime: Runtime): Instant {
  return { mono: runtime.now(), wall: runtime.wallNow() };
}

/**
 * How long a holder may trust its lock: ttl less the time since before the nodes were asked and
 * less the drift (Redis' distributed-locks page). Kept as an end on each clock, of which the
 * earlier one counts: the monotonic clock stands still while a machine is suspended and the wall
 * clock can be set back, and either error then shortens the trust, never lengthens it.
 */
export class Validity {
  private constructor(
    /** On the monotonic clock. */
    readonly mono: number,
    /** On the wall clock. */
    readonly wall: number,
  ) {}

  /** @param ms from `start`, drift already taken off */
  static since(start: Instant, ms: number): Validity {
    return new Validity(start.mono + ms, start.wall + ms);
  }

  /** In ms; not positive when it has ended. */
  remaining(runtime: Runtime): number {
    return Math.min(this.mono - runtime.now(), this.wall - runtime.wallNow());
  }

  /** The one that ends later, as a whole: each is right on its own if one of the clocks is. */
  orLater(other: Validity, runtime: Runtime): Validity {
    return other.remaining(runtime) > this.remaining(runtime) ? other : this;
  }
}

/** What a grant or an extension is worth had it taken no time, in ms. */
export function fullValidity(ttl: number, driftFactor: number): number {
  return ttl - driftOf(ttl, driftFactor);
}

/** What clocks may disagree on over a ttl, plus 2 ms for the resolution of Redis' expiry. */
export function driftOf(ttl: number, driftFactor: number): number {
  return driftFactor * ttl + 2;
}
