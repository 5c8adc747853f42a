import type { Random } from 'test-kit/random';
import { permitResource } from '../core.js';
import type { Choices, Overlay } from './kinds.js';
import type { Plan } from './plan.js';

/** What each overlay makes of a plan of a base kind. */
export const OVERLAYS: Readonly<Record<Overlay, (plan: Plan, random: Random) => Plan>> = {
  shared: withSharers,
  permits: withPermits,
  siblings: (plan) => ({ ...plan, siblings: 0.5 }),
  vanishing: (plan, random) => ({
    ...withSharers(plan, random),
    faults: { ...plan.faults, evict: 3 },
    faultsUntil: Math.max(plan.faultsUntil, 10 * plan.ttl),
  }),
  takeovers: (plan) => ({
    ...plan,
    lends: 0.7,
    faults: { ...plan.faults, cut: 2, reset: 2, refuse: 2 },
    faultsUntil: Math.max(plan.faultsUntil, 10 * plan.ttl),
  }),
  ties: (plan, random) => ({
    ...plan,
    isCoarse: true,
    skew: 0,
    clients: random.integer(3, 6),
    resources: [plan.resources[0]],
  }),
  family: (plan, random) => ({
    ...withSharers(plan, random),
    clients: random.pick([1, 1, 2, 3]),
    jobs: random.pick([4, 5, 6]),
    operations: 4,
    channels: plan.channels.map(() => 'heard'),
  }),
  mutes: (plan) => ({ ...plan, mutes: 0.4, channels: plan.channels.map(() => 'heard') }),
  fleet: (plan, random) => ({
    ...withPermits(plan, random, [2, 3, 4]),
    isMixed: true,
    jobs: 2,
    clients: random.integer(3, 5),
  }),
};

function withSharers(plan: Plan, random: Random): Plan {
  return { ...plan, sharing: random.pick([0.3, 0.6, 0.9]) };
}

/** Nobody wants anything but permits, more of them than there are. */
function withPermits(plan: Plan, random: Random, counts: Choices = [1, 2, 2, 3, 4]): Plan {
  const permits = random.pick(counts);
  const [name] = plan.resources;
  const others = Array.from({ length: permits - 1 }, (_, i) => permitResource(name, i + 1));
  const resources = [permitResource(name, 0), ...others] as const;
  return {
    ...plan,
    semaphore: { name, permits },
    resources,
    fenced: new Set(plan.fenced.has(name) ? resources : []),
    jobs: Math.max(plan.jobs, Math.ceil((permits + 1) / plan.clients)),
    elects: false,
  };
}
