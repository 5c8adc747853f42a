import type { Plan } from './plan.js';
import type { Random } from 'test-kit/random';

/*
 * Under what a lock is promised to be exclusive, and the only place that says how far faults may go.
 * Messages may be late, lost and repeated without limit, processes may pause and crash at any moment,
 * nodes may stop and crash at any moment: none of that is here, because no promise rests on it.
 */

/**
 * A clock's own ms in a true one. Any two clocks go apart by no more than the drift factor allows:
 * (1 + d/2) / (1 - d/2) is below 1 / (1 - d), by which the validity is shorter than the ttl.
 */
export function rateOf({ driftFactor }: Plan, random: Random): number {
  return random.between(1 - driftFactor / 2, 1 + driftFactor / 2);
}

/**
 * The clock of a process that is right whatever happens; the other one may be wrong.
 * `mono`: it never stands still; the wall clock may be set forward and back.
 * `wall`: it is never set back, but maybe forward; the monotonic clock may stand still in a suspension.
 * `none`: in a run with wild clocks.
 */
export type RightClock = 'mono' | 'wall' | 'none';

/**
 * In some runs clocks are wrong beyond all that: those of nodes run at any of these rates and are set
 * forward. Then two may hold a lock at once; but no promise about fencing tokens rests on clocks, only that
 * nodes do not forget them.
 */
export const WILD_RATES = [0.3, 3] as const;

/**
 * What the TIME of a node may be off by, either way, in ms. A fencing counter outlives its lock by 60 s at least, and when it
 * has expired, tokens are ordered by the clocks of nodes, two of which are apart by less than that. By the fastest of wild
 * clocks it expires after a third of that.
 */
export const MOST_SKEW = 25_000;
export const WILD_SKEW = 8_000;

/** As {@link rateOf}, of the clock by which a node expires keys. */
export function nodeRateOf(plan: Plan, random: Random): number {
  return plan.kind === 'wild'
    ? random.pick([...WILD_RATES, random.magnitude(...WILD_RATES)])
    : rateOf(plan, random);
}

/** Not the core's own, which may be mistaken. */
export function quorumOf(nodes: number): number {
  return Math.floor(nodes / 2) + 1;
}

/**
 * How many nodes may forget within one quarantine time. A process that starts after that cannot know
 * of it: either none does, or all are strict.
 */
export function nodesThatMayForget(nodes: number): number {
  return nodes - quorumOf(nodes);
}

/**
 * Nor of what happens within its first two seconds, if it first connects after that: uptimes are in whole
 * seconds, may be nearly one too long, and are compared with its own clocks, which drift. In ms.
 */
export const FIRST_SIGHT = 2500;

/**
 * Every ttl is over by then; and nodes that forget raise tokens from their clocks, which are this
 * close together. In ms.
 * @param skew what the TIME of a node is off by at most, either way
 */
export function leastQuarantineTime(longestTtl: number, skew: number): number {
  return Math.max(longestTtl, 2 * skew + 2000);
}

/** From one loss of data to where it does not count any more, by the slowest clock. In true ms. */
export function forgettingLasts({ quarantineTime, driftFactor }: Plan): number {
  return quarantineTime * (1 + driftFactor);
}
