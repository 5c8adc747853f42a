import { isPositive, POSITIVE, requireNumber } from './argument.js';
import { driftOf } from '../time/validity.js';

/**
 * @returns the ttl
 * @throws TypeError, RangeError if it is not a whole number of ms that exceeds its own drift
 */
export function parseTtl(ttl: number, driftFactor: number): number {
  requireNumber('ttl', ttl, POSITIVE, isPositive);
  const drift = driftOf(ttl, driftFactor);
  if (ttl <= drift) {
    throw new RangeError(`ttl must exceed its own drift of ${drift} ms, not ${ttl}`);
  }
  return ttl;
}
