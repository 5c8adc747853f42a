import type { Random } from 'testbed/random';
import { commonPlanOf } from './common-plan.js';
import { crowded } from './crowd.js';
import type { Plan } from './plan.js';
import { stalling } from './stall.js';

/** What is chosen for a run. */
export function planOf(random: Random): Plan {
  const plan = commonPlanOf(random);
  if (!plan.siege && !plan.wild && random.chance(0.15)) return crowded(plan, random);
  return plan.siege && random.chance(0.2) ? stalling(plan, random) : plan;
}
