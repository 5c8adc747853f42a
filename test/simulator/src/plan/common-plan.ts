import type { Random } from 'test-kit/random';
import { FIRST_SIGHT, leastQuarantineTime, nodesThatMayForget, WILD_RATES } from './assumptions.js';
import { channelsOf } from './channels.js';
import { faultsOf, siegeFaults, wildFaults } from './faults.js';
import type { SolePlan } from './sharing.js';
import { EVEN, LONG_BUT_FIRST, WIDE } from './spread.js';
import { LONG_TTL, LONGEST_OF_WIDE, nodeTimeoutOf, SHORTEST_TTL_DELAYS } from './times.js';

const SIZES: readonly [number, ...number[]] = [1, 2, 3, 3, 3, 3, 3, 3, 3, 4, 5, 5, 5, 7];

/** What the TIME of nodes is off by at most, either way. */
const SKEWS: readonly [number, ...number[]] = [0, 1, 100, 900, 3000, 100_000];
const CLOSE_SKEWS: readonly [number, ...number[]] = [0, 1, 100, 900];
/** No two nodes agree, so every lock is confirmed. */
const WILD_SKEWS: readonly [number, ...number[]] = [3000, 100_000];

/** Of most runs: clocks that are wrong, a lock that is besieged, or any faults. */
export function commonPlanOf(random: Random): SolePlan {
  const wild = random.chance(0.25);
  const siege = !wild && random.chance(0.12);
  const nodes = random.pick(wild || siege ? [3, 3, 3, 3, 3, 3, 3, 5] : SIZES);
  const clients = random.pick(
    wild ? [3] : siege ? [2, 2, 3] : nodes > 3 ? [2, 2, 3] : [2, 2, 2, 3, 3, 4],
  );
  const jobs = random.pick(wild || siege ? [1] : [1, 1, 1, 2]);
  const ttl = Math.round(random.magnitude(60, siege ? LONGEST_OF_WIDE : 2000));
  // By a clock that runs fast everything takes longer.
  const fastest = wild ? WILD_RATES[1] : 1;
  const delay = Math.min(random.magnitude(0.2, 60), ttl / SHORTEST_TTL_DELAYS / fastest);
  const redirects = wild ? 0 : random.pick([0, 0, 0, 0.05, 0.3]);
  // Of a Cluster they share a slot.
  const [one, other] = redirects > 0 ? ['{a}', '{a}b'] : ['a', 'b'];
  const resources: [string, ...string[]] = random.chance(wild ? 0.1 : 0.4) ? [one, other] : [one];
  const fencing = wild ? 'all' : random.weighted({ all: 5, some: 1, none: 2 });
  const faultEvery = random.magnitude(ttl / 20, ttl * (wild ? 0.5 : 2));
  const forgetful = siege || (!wild && nodesThatMayForget(nodes) > 0 && random.chance(0.4));
  const skew = random.pick(wild ? WILD_SKEWS : forgetful ? CLOSE_SKEWS : SKEWS);
  const quarantine = random.pick<boolean | 'strict'>(
    forgetful ? [true, 'strict'] : [true, false, false],
  );
  const unknowing = forgetful && quarantine !== 'strict';
  const even = wild || ttl > LONGEST_OF_WIDE;
  const spread = random.pick(
    siege ? [LONG_BUT_FIRST] : even ? [EVEN] : forgetful ? [EVEN, WIDE, WIDE] : [EVEN, EVEN, WIDE],
  );
  const longestTtl = wild || forgetful ? 2 * ttl * Math.max(...spread) : LONG_TTL;
  return {
    nodes,
    clients,
    jobs,
    operations: random.pick(wild ? [2, 4] : jobs > 1 ? [1, 2] : [1, 2, 2, 3]),
    resources,
    fenced: new Set(fencing === 'all' ? resources : fencing === 'some' ? [one] : []),
    ttl,
    spread,
    longTtls: !wild && !forgetful && random.chance(0.1),
    longestTtl,
    delay,
    tail: random.pick(wild ? [0, 0.02, 0.1] : [0, 0.01, 0.05, 0.15]),
    longestTail: wild ? ttl / delay : 50,
    lag: ttl * random.pick(wild ? [0.3, 0.6, 1] : forgetful ? [0, 0.3, 1, 3] : [0, 0, 0.05, 0.2]),
    driftFactor: unknowing ? 0.01 : random.pick([0.01, 0.01, 0.05, 0.2]),
    quietFor: unknowing ? FIRST_SIGHT : 0,
    nodeTimeout: nodeTimeoutOf(random, delay * fastest, siege ? 3 * ttl : ttl),
    siege,
    stalls: false,
    wild,
    skew,
    channels: channelsOf(random, nodes),
    crowd: false,
    quarantine,
    quarantineTime: forgetful
      ? Math.max(leastQuarantineTime(longestTtl, skew), random.pick([0, 5000]))
      : random.pick([5000, 1]),
    redirects,
    throws: wild ? 0 : random.pick([0, 0, 0, 0.01]),
    lends: wild ? 0 : random.pick([0, 0, 0.3]),
    faults: wild ? wildFaults(random) : siege ? siegeFaults(random) : faultsOf(random, forgetful),
    faultEvery,
    faultsUntil: wild
      ? ttl * random.pick([3, 6, 12])
      : siege
        ? FIRST_SIGHT + ttl * random.pick([10, 20, 40])
        : (unknowing ? FIRST_SIGHT : 0) + faultEvery * random.integer(0, 24),
  };
}
