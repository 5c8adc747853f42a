import type { Random } from 'test-kit/random';
import { FIRST_SIGHT, leastQuarantineTime } from './assumptions.js';
import { UNDERMINING_ALONE } from './faults.js';
import type { SolePlan } from './sharing.js';
import { FAR_LONGER_BUT_FIRST } from './spread.js';

/** Nothing but the siege may disturb an attempt that stands still for seconds. */
export function stalling(plan: SolePlan, random: Random): SolePlan {
  const longestTtl = 2 * plan.ttl * Math.max(...FAR_LONGER_BUT_FIRST);
  return {
    ...plan,
    stalls: true,
    resources: [plan.resources[0]],
    // Counters follow the clocks of nodes: grants that are seconds apart never agree on one, and a confirm fails.
    fenced: new Set(),
    spread: FAR_LONGER_BUT_FIRST,
    longestTtl,
    quarantineTime: leastQuarantineTime(longestTtl, plan.skew),
    tail: 0,
    lag: 0,
    redirects: 0,
    throws: 0,
    lends: 0,
    faults: UNDERMINING_ALONE,
    faultsUntil: FIRST_SIGHT + random.pick([4000, 8000]),
  };
}
