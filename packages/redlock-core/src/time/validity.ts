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
 * How long a holder may trust its lock: the ttl, less the time since the request, less the drift. It is
 * kept as an end on each clock, and the earlier end counts. The monotonic clock may stop while a machine is
 * suspended, and the wall clock can be set back. Either error shortens the trust and never lengthens it
 * (docs/decisions.md#two-clocks).
 */
export class Validity {
  private constructor(
    /** The end on the monotonic clock. */
    readonly mono: number,
    /** The end on the wall clock. */
    readonly wall: number,
  ) {}

  /** @param ms how long it lasts from `start`, without the drift */
  static since(start: Instant, ms: number): Validity {
    return new Validity(start.mono + ms, start.wall + ms);
  }

  /** The validity that is left, in ms; not positive when it has ended. */
  remaining(runtime: Runtime): number {
    return this.remainingAt(readClocks(runtime));
  }

  /** The validity that is left at some moment, in ms. */
  remainingAt({ mono, wall }: Instant): number {
    return Math.min(this.mono - mono, this.wall - wall);
  }

  /** The validity that ends some ms earlier. */
  shortenedBy(ms: number): Validity {
    return new Validity(this.mono - ms, this.wall - ms);
  }

  /** Returns the validity that ends later. Each of the two is right if one of its clocks is, so their ends are not mixed. */
  orLater(other: Validity, runtime: Runtime): Validity {
    return other.remaining(runtime) > this.remaining(runtime) ? other : this;
  }
}

/** The validity of a grant or an extension that took no time, in ms. */
export function fullValidity(ttl: number, driftFactor: number): number {
  return ttl - driftOf(ttl, driftFactor);
}

/** How much clocks may disagree over a ttl, in ms, plus 2 ms for the resolution of Redis' expiry. */
export function driftOf(ttl: number, driftFactor: number): number {
  return driftFactor * ttl + 2;
}

/**
 * @returns the ttl
 * @throws TypeError, RangeError if it is not a whole number of ms that exceeds its own drift
 */
export function parseTtl(ttl: number, driftFactor: number): number {
  if (typeof ttl !== 'number') throw new TypeError('ttl must be a number');
  if (!Number.isSafeInteger(ttl) || ttl <= 0) {
    throw new RangeError(`ttl must be a positive safe integer (ms), not ${ttl}`);
  }
  const drift = driftOf(ttl, driftFactor);
  if (ttl <= drift) {
    throw new RangeError(`ttl must exceed its own drift of ${drift} ms, not ${ttl}`);
  }
  return ttl;
}
