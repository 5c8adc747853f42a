import type { Random } from 'test-kit/random';
import type { LockPlan } from './permits.js';

/** What a plan is before it is chosen whether processes share locks and elect leaders. */
export type SolePlan = Omit<LockPlan, 'sharing' | 'elects'>;

/** @param random a stream of its own, so that the other runs are what they are without any of this */
export function sharing(plan: SolePlan, random: Random): LockPlan {
  const share = random.chance(0.4) ? random.pick([0.3, 0.6, 0.9]) : 0;
  const elects = random.chance(0.15);
  return {
    ...plan,
    // An attempt that is to stand still must meet a holder, and not share the lock with it.
    sharing: plan.stalls ? 0 : share,
    // The term of a leader is a fencing token.
    elects: elects && !plan.siege && plan.fenced.has(plan.resources[0]),
  };
}
