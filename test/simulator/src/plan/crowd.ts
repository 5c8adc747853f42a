import type { Random } from 'test-kit/random';
import { AMBUSHES, CALL_FAULTS } from './faults.js';
import type { SolePlan } from './sharing.js';
import { EVEN } from './spread.js';

/** Perf: so many locks in all are enough for each promise about calls. More of them cost most of a campaign's time. */
const MOST_LOCKS = 64;

/** How often a crowd is for several resources. */
const SEVERAL = 0.4;

/** Many wait for one resource, and after a while, or always, little disturbs them. */
export function crowded(plan: SolePlan, random: Random): SolePlan {
  const { ttl, quietFor, delay } = plan;
  const spells = random.pick([0, 0, 4, 12]);
  const few = random.pick([CALL_FAULTS, AMBUSHES, AMBUSHES, plan.faults]);
  const clients = random.pick([2, 3, 4, 6]);
  const jobs = random.pick([1, 1, 2, 4]);
  return {
    ...plan,
    crowd: true,
    resources: [plan.resources[0]],
    fenced: new Set([...plan.fenced].slice(0, 1)),
    spread: EVEN,
    // Polls until such a lock ends by itself show nothing that those for a shorter one do not.
    longTtls: false,
    clients,
    jobs,
    operations: Math.min(random.pick([4, 8]), Math.floor(MOST_LOCKS / (clients * jobs))),
    delay: Math.min(delay, random.pick([0.3, 1, 5])),
    tail: 0,
    lag: 0,
    throws: 0,
    faults: few,
    faultEvery: random.magnitude(ttl / 10, ttl),
    faultsUntil: quietFor + spells * ttl * 0.5,
  };
}

/**
 * Lets the callers of a crowd want any of three resources, and often several at once.
 * @param random a stream of its own, so that the other crowds are what they are without it
 */
export function disputing(plan: SolePlan, random: Random): SolePlan {
  if (!random.chance(SEVERAL)) return plan;
  const [first] = plan.resources;
  // Of a Cluster they share a slot.
  const resources: SolePlan['resources'] = [first, `${first}b`, `${first}c`];
  return { ...plan, resources, fenced: new Set(plan.fenced.size > 0 ? resources : []) };
}
