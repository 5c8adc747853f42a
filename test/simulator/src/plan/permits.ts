import type { Random } from 'test-kit/random';
import { permitResource } from '../core.js';
import type { Plan } from './plan.js';

/** A semaphore for whose permits all processes of a run contend. */
export interface SemaphorePlan {
  readonly name: string;
  readonly permits: number;
}

/** What a plan is before it is chosen whether processes contend for permits. */
export type LockPlan = Omit<Plan, 'semaphore'>;

/**
 * In some runs nobody wants anything but permits, more of them than there are.
 * @param random a stream of its own, so that the other runs are what they are without any of this
 */
export function withPermits(plan: LockPlan, random: Random): Plan {
  const isChosen = random.chance(0.2);
  const permits = random.pick([1, 2, 2, 3, 4]);
  // A siege is about one lock.
  if (!isChosen || plan.siege) return { ...plan, semaphore: null };
  const [name] = plan.resources;
  const others = Array.from({ length: permits - 1 }, (_, i) => permitResource(name, i + 1));
  const resources = [permitResource(name, 0), ...others] as const;
  return {
    ...plan,
    semaphore: { name, permits },
    resources,
    fenced: new Set(plan.fenced.has(name) ? resources : []),
    jobs: Math.max(plan.jobs, Math.ceil((permits + 1) / plan.clients)),
    sharing: 0,
    elects: false,
  };
}
