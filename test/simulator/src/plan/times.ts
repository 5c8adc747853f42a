import type { Random } from 'test-kit/random';

/**
 * Whose ttl is no longer than a few round trips, or whose timeout is no longer than one, gets nothing
 * even without faults. The slowest path takes three times `delay`, a confirm is a second round trip, and
 * the shortest ttl is a third of `ttl`.
 */
export const SHORTEST_TTL_DELAYS = 60;
const TIMEOUT_DELAYS = 8;
const LEAST_DEFAULT_TIMEOUT = 50;

/** Where ttls differ widely or a lock is besieged, the shortest are no longer than this, in ms. */
export const LONGEST_OF_WIDE = 160;

/** A ttl that outlasts all clean-up, in ms: what is left behind shows. */
export const LONG_TTL = 20_000;

export function nodeTimeoutOf(random: Random, delay: number, ttl: number): number | undefined {
  const least = delay * TIMEOUT_DELAYS;
  const byDefault = least < LEAST_DEFAULT_TIMEOUT ? undefined : least;
  return random.pick([byDefault, byDefault, Math.max(5, least), ttl / 2, ttl * 2]);
}
