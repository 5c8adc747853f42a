import { FIRST_SIGHT, leastQuarantineTime, nodesThatMayForget, WILD_RATES } from './assumptions.js';
import {
  AMBUSHES,
  CALL_FAULTS,
  faultsOf,
  siegeFaults,
  UNDERMINING_ALONE,
  wildFaults,
  type Faults,
} from './faults.js';
import type { Random } from 'testbed/random';

/**
 * What the channels of a node are like. `heard`: who subscribes hears. `none`: its client cannot subscribe.
 * `refused`: the server refuses subscriptions. `mute`: it refuses to publish.
 */
type Channels = 'heard' | 'none' | 'refused' | 'mute';

/** All that is chosen once for a run. Times in ms. */
export interface Plan {
  readonly nodes: number;
  readonly clients: number;
  readonly jobs: number;
  readonly operations: number;
  readonly resources: readonly [string, ...string[]];
  /** The other locks have none. */
  readonly fenced: ReadonlySet<string>;
  readonly ttl: number;
  /** Each process has one of these: its ttls are so many times as long. */
  readonly spread: readonly [number, ...number[]];
  /** Some locks have one that outlasts all clean-up. */
  readonly longTtls: boolean;
  /** What no ttl and no extension exceeds, in ms. */
  readonly longestTtl: number;
  readonly delay: number;
  /** How often a message takes far longer, and up to how many times as long. */
  readonly tail: number;
  readonly longestTail: number;
  /** What some messages of a process to one node take longer, at most: they arrive when others have had their turn. */
  readonly lag: number;
  readonly driftFactor: number;
  /** The first process holds for long, with short ttls; the others, with long ones, want what it holds. */
  readonly siege: boolean;
  /** In a siege: an attempt stands still for longer than an attempt may take, and its last vote is in then. */
  readonly stalls: boolean;
  /** Clocks are wrong beyond every assumption. */
  readonly wild: boolean;
  readonly nodeTimeout: number | undefined;
  readonly skew: number;
  /** Of each node: what its channels are like. */
  readonly channels: readonly Channels[];
  /** Many calls want one resource, most of them for as long as it takes. */
  readonly crowd: boolean;
  /** Nodes are Clusters. How often one redirects a command, which its client then sends again, behind others. */
  readonly redirects: number;
  /** How often a member of an adapter throws, while there are faults. */
  readonly throws: number;
  /** How often a token is handed out for adoption while its holder goes on. */
  readonly lends: number;
  readonly quarantine: boolean | 'strict';
  readonly quarantineTime: number;
  readonly faults: Faults;
  /** How long nothing happens once processes have started. */
  readonly quietFor: number;
  readonly faultEvery: number;
  readonly faultsUntil: number;
}

const SIZES: readonly [number, ...number[]] = [1, 2, 3, 3, 3, 3, 3, 3, 3, 4, 5, 5, 5, 7];

/** What the TIME of nodes is off by at most, either way. */
const SKEWS: readonly [number, ...number[]] = [0, 1, 100, 900, 3000, 100_000];
const CLOSE_SKEWS: readonly [number, ...number[]] = [0, 1, 100, 900];
/** No two nodes agree, so every lock is confirmed. */
const WILD_SKEWS: readonly [number, ...number[]] = [3000, 100_000];

/**
 * Whose ttl is no longer than a few round trips, or whose timeout is no longer than one, gets nothing
 * even without faults. The slowest path takes three times `delay`, a confirm is a second round trip, and
 * the shortest ttl is a third of `ttl`.
 */
const SHORTEST_TTL_DELAYS = 60;
const TIMEOUT_DELAYS = 8;
const LEAST_DEFAULT_TIMEOUT = 50;

const EVEN: readonly [number, ...number[]] = [1];
/** The shorter are over while an attempt with a longer one is still waiting for votes. */
const WIDE: readonly [number, ...number[]] = [1, 1, 20, 60];
const LONG_BUT_FIRST: readonly [number, ...number[]] = [40];
/** The longer are still valid when an attempt has stood still. */
const FAR_LONGER_BUT_FIRST: readonly [number, ...number[]] = [80];
const LONGEST_OF_WIDE = 160;

/** A ttl that outlasts all clean-up, in ms: what is left behind shows. */
export const LONG_TTL = 20_000;

function nodeTimeoutOf(random: Random, delay: number, ttl: number): number | undefined {
  const least = delay * TIMEOUT_DELAYS;
  const byDefault = least < LEAST_DEFAULT_TIMEOUT ? undefined : least;
  return random.pick([byDefault, byDefault, Math.max(5, least), ttl / 2, ttl * 2]);
}

export function planOf(random: Random): Plan {
  const plan = mostPlansOf(random);
  if (!plan.siege && !plan.wild && random.chance(0.15)) return crowded(plan, random);
  return plan.siege && random.chance(0.2) ? stalling(plan, random) : plan;
}

/** Nothing but the siege may disturb an attempt that stands still for seconds. */
function stalling(plan: Plan, random: Random): Plan {
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

/** Many wait for one resource, and after a while, or always, little disturbs them. */
function crowded(plan: Plan, random: Random): Plan {
  const { ttl, quietFor, delay } = plan;
  const spells = random.pick([0, 0, 4, 12]);
  const few = random.pick([CALL_FAULTS, AMBUSHES, AMBUSHES, plan.faults]);
  return {
    ...plan,
    crowd: true,
    resources: [plan.resources[0]],
    fenced: new Set([...plan.fenced].slice(0, 1)),
    spread: EVEN,
    clients: random.pick([2, 3, 4, 6]),
    jobs: random.pick([1, 1, 2, 4]),
    operations: random.pick([4, 8]),
    delay: Math.min(delay, random.pick([0.3, 1, 5])),
    tail: 0,
    lag: 0,
    throws: 0,
    faults: few,
    faultEvery: random.magnitude(ttl / 10, ttl),
    faultsUntil: quietFor + spells * ttl * 0.5,
  };
}

function mostPlansOf(random: Random): Plan {
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

/** Mostly all alike. */
function channelsOf(random: Random, nodes: number): readonly Channels[] {
  const kinds: readonly [Channels, ...Channels[]] = ['heard', 'none', 'refused', 'mute'];
  const all = random.weighted({ heard: 7, none: 1, refused: 0.5, mute: 0.5, mixed: 1.5 });
  return Array.from({ length: nodes }, () => (all === 'mixed' ? random.pick(kinds) : all));
}
