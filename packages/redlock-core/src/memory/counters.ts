import type { EncodedOperation } from '../protocol/commands.js';
import type { Keyspace } from './keyspace.js';

/** How far a counter may be from the clock of the node, in microseconds. */
const SECOND = 1_000_000;

/** The highest counter of an operation. One that is missing, or no number, counts as 0. */
export function highestCounter(keyspace: Keyspace, { counters }: EncodedOperation): number {
  return Math.max(0, ...counters.map((counter) => counterOf(keyspace, counter)));
}

/** The value to which a grant raises counters of which this is the highest. */
export function raised(keyspace: Keyspace, highest: number, proposal: number): number {
  const now = keyspace.micros;
  return Math.max(Math.max(highest, now - SECOND) + 1, Math.min(proposal, now + SECOND));
}

/** Sets the counters that are lower. None of them expires sooner than before. */
export function liftCounters(keyspace: Keyspace, operation: EncodedOperation): void {
  const { counters, counterTtl, fence } = operation;
  for (const counter of counters) {
    if (counterOf(keyspace, counter) >= (fence ?? 0)) continue;
    const isLonger =
      keyspace.has(counter) && keyspace.expiresAt(counter) > keyspace.now + counterTtl;
    if (isLonger) keyspace.replace(counter, String(fence));
    else keyspace.set(counter, String(fence), counterTtl);
  }
}

function counterOf(keyspace: Keyspace, counter: string): number {
  return Number(keyspace.string(counter) ?? 0) || 0;
}
