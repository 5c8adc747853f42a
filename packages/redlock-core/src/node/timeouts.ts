import type { Operation } from '../protocol/operations.js';

/** The longest timeout that follows from a ttl, in ms. */
export const MAX_DEFAULT = 1000;
const MIN_DEFAULT = 50;

/** A measure counts as at most this many times the smoothed round trip. */
const MAX_OUTLIER = 4;

/** A default timeout is at least this many round trips, as measured on the node. */
const ROUND_TRIPS = 3;

/**
 * How long a connection that is being made may take: the least, if the ttl is at least twice as long, and the most. In
 * ms.
 */
const MIN_ALLOWANCE = 500;
const MAX_ALLOWANCE = 5000;

/** What determines the timeout of a command. Operations with the same terms can share a command. */
export interface TimeoutTerms {
  /** Without measured round trips, in ms. */
  readonly base: number;
  /**
   * The most to which measured round trips lengthen it, in ms. An extension must fail soon enough to be tried again
   * while the lock is valid.
   */
  readonly most: number;
  /** How long the command may wait for a connection that is being made, in ms; 0: as long as for a reply. */
  readonly allowance: number;
  /** Whether the caller has so little time that the allowance says nothing about the connection. */
  readonly isShort: boolean;
}

export function timeoutTermsOf({ verb, ttl }: Pick<Operation, 'verb' | 'ttl'>): TimeoutTerms {
  const base = Math.min(Math.max(ttl * 0.05, MIN_DEFAULT), MAX_DEFAULT);
  if (verb === 'acquire' || verb === 'inspect') {
    const allowance = Math.min(Math.max(ttl / 5, MIN_ALLOWANCE), ttl / 2, MAX_ALLOWANCE);
    return { base, most: MAX_DEFAULT, allowance, isShort: false };
  }
  return { base, most: Math.min(ttl / 2, MAX_DEFAULT), allowance: 0, isShort: false };
}

/** How long one node may take to answer. */
export class NodeTimeout {
  readonly #given: number | undefined;
  /**
   * The shortest round trip of late, in ms. It grows by an eighth at most with each reply, because one late reply says
   * nothing about the next.
   */
  #shortest = Infinity;
  /** The round trip, smoothed, in ms; 0: no reply came yet. */
  #smoothed = 0;

  /** @param given a fixed timeout in ms; if there is none, the timeout follows from the ttl and from the round trip */
  constructor(given: number | undefined) {
    this.#given = given;
  }

  /** The round trip as measured, smoothed, in ms; 0: no reply came yet. */
  get roundTrip(): number {
    return this.#smoothed;
  }

  /** How long a command may take, in ms. */
  of({ base, most }: TimeoutTerms): number {
    if (this.#given !== undefined) return this.#given;
    const measured = this.#shortest < Infinity ? ROUND_TRIPS * this.#shortest : 0;
    return Math.min(Math.max(base, Math.min(measured, most)), MAX_DEFAULT);
  }

  /** The node has answered a command after `ms`. */
  measured(ms: number): void {
    this.#shortest = Math.min(ms, (this.#shortest * 9) / 8);
    const smoothed = this.#smoothed;
    // A reply that waited for a paused process or network says little about the next: it counts as a few round trips at
    // most, and the replies after it count more than it does.
    const difference = Math.min(ms, MAX_OUTLIER * smoothed) - smoothed;
    this.#smoothed = smoothed === 0 ? ms : smoothed + difference / (difference < 0 ? 2 : 8);
  }
}
