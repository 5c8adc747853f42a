import { Random } from 'test-kit/random';
import { commonPlanOf } from './common-plan.js';
import { crowded, disputing } from './crowd.js';
import { withPermits } from './permits.js';
import type { Plan } from './plan.js';
import { sharing, type SolePlan } from './sharing.js';
import { stalling } from './stall.js';

/** The streams of a seed from which a plan is drawn. */
const SOLE = 1;
const SHARING = 3;
const PERMITS = 4;
const DISPUTES = 5;

/** What is chosen for the run of a seed. */
export function planOf(seed: number): Plan {
  const plan = sharing(solePlanOf(seed), new Random(seed, SHARING));
  return withPermits(plan, new Random(seed, PERMITS));
}

function solePlanOf(seed: number): SolePlan {
  const random = new Random(seed, SOLE);
  const plan = commonPlanOf(random);
  if (!plan.siege && !plan.wild && random.chance(0.15)) {
    return disputing(crowded(plan, random), new Random(seed, DISPUTES));
  }
  return plan.siege && random.chance(0.2) ? stalling(plan, random) : plan;
}
