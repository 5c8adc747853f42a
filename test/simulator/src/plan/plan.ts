import { Random } from 'test-kit/random';
import { FIRST_SIGHT, leastQuarantineTime } from './assumptions.js';
import { drawFaults, type Faults } from './faults.js';
import {
  BASES_OF,
  FORGETFUL_CROWD,
  KINDS,
  LONGEST_OF_WIDE,
  TRAITS,
  type BaseKind,
  type Choices,
  type Kind,
  type Overlay,
  type Spread,
  type Traits,
} from './kinds.js';
import { OVERLAYS } from './overlays.js';

/**
 * Whose ttl is no longer than a few round trips, or whose timeout is no longer than one, gets nothing
 * even without faults. The slowest path takes three times `delay`, a confirm is a second round trip, and
 * the shortest ttl is a third of `ttl`.
 */
const SHORTEST_TTL_DELAYS = 60;
const TIMEOUT_DELAYS = 8;
const LEAST_DEFAULT_TIMEOUT = 50;

/** A ttl that outlasts all clean-up, in ms: what is left behind shows. */
export const LONG_TTL = 20_000;

/** Perf: so many locks in all are enough for each promise about calls. More of them cost most of a campaign's time. */
const MOST_LOCKS_OF_CROWD = 64;

/**
 * What the channels of a node are like. `heard`: who subscribes hears. `none`: its client cannot subscribe.
 * `refused`: the server refuses subscriptions. `mute`: it refuses to publish.
 */
type Channels = 'heard' | 'none' | 'refused' | 'mute';

/** All that is chosen once for a run. Times in ms. */
export interface Plan {
  readonly kind: BaseKind;
  readonly nodes: number;
  readonly clients: number;
  readonly jobs: number;
  readonly operations: number;
  /** The locks that processes want; in a run with a semaphore, all its permits, and nobody wants another lock. */
  readonly resources: readonly [string, ...string[]];
  readonly semaphore: { readonly name: string; readonly permits: number } | null;
  /** The other locks have none. */
  readonly fenced: ReadonlySet<string>;
  readonly ttl: number;
  readonly spread: Spread;
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
  readonly nodeTimeout: number | undefined;
  readonly skew: number;
  /** Of each node: what its channels are like. */
  readonly channels: readonly Channels[];
  /** Nodes are Clusters. How often one redirects a command, which its client then sends again, behind others. */
  readonly redirects: number;
  /** How often a member of an adapter throws, while there are faults. */
  readonly throws: number;
  /** How often a token is handed out for adoption while its holder goes on. */
  readonly lends: number;
  /** How often processes that both read and write want a shared lock; 0: nobody does. */
  readonly sharing: number;
  /** How often a caller makes a Redlock of its own over the clients of its process. */
  readonly siblings: number;
  /** How often a process cannot subscribe. */
  readonly mutes: number;
  /** Whether processes read their monotonic clocks in whole ms. */
  readonly isCoarse: boolean;
  /** Whether processes take the semaphore to have different numbers of permits. */
  readonly isMixed: boolean;
  /** The first resource is the name of an election too. */
  readonly elects: boolean;
  readonly quarantine: boolean | 'strict';
  readonly quarantineTime: number;
  readonly faults: Faults;
  /** How long nothing happens once processes have started. */
  readonly quietFor: number;
  readonly faultEvery: number;
  readonly faultsUntil: number;
}

/** What is chosen for the run of a seed. */
export function planOf(seed: number, kind?: Kind): Plan {
  const random = new Random(seed, 1);
  const drawn = kind ?? random.weighted(KINDS);
  if (!isOverlay(drawn)) return drawBase(random, drawn);
  return OVERLAYS[drawn](
    drawBase(random, random.weighted(BASES_OF[drawn] as Record<BaseKind, number>)),
    random,
  );
}

function isOverlay(kind: Kind): kind is Overlay {
  return kind in OVERLAYS;
}

/** A plan without overlays. */
function drawBase(random: Random, kind: BaseKind): Plan {
  const isCrowd = kind === 'crowd';
  const isSiege = kind === 'siege' || kind === 'stall';
  const isForgetful = isCrowd ? random.chance(0.34) : isSiege || kind === 'forgetful';
  const traits = isCrowd && isForgetful ? FORGETFUL_CROWD : TRAITS[kind];
  const nodes = random.pick(traits.nodes);
  const clients = random.pick(traits.clients[nodes > 3 ? 1 : 0]);
  const jobs = random.pick(traits.jobs);
  const ttl = Math.round(random.magnitude(60, traits.longestShortTtl));
  const slowest = Math.min(random.magnitude(0.2, 60), ttl / SHORTEST_TTL_DELAYS / traits.fastest);
  const delay = isCrowd ? Math.min(slowest, random.pick([0.3, 1, 5])) : slowest;
  const redirects = random.pick(traits.redirects);
  const resources = resourcesOf(kind, traits, redirects > 0 ? '{a}' : 'a', random);
  const fencing = random.weighted(traits.fencing);
  const faultEvery = random.magnitude(ttl / (isCrowd ? 10 : 20), ttl * traits.faultEvery);
  const skew = random.pick(traits.skews);
  const quarantine = random.pick(traits.quarantines);
  const isUnknowing = isForgetful && quarantine !== 'strict';
  const quietFor = isUnknowing || isSiege ? FIRST_SIGHT : 0;
  const drawn = random.pick(traits.spreads);
  const spread: Spread = isSiege || ttl <= LONGEST_OF_WIDE ? drawn : [1];
  const longestTtl = kind === 'wild' || isForgetful ? 2 * ttl * Math.max(...spread) : LONG_TTL;
  const operations = random.pick<number>(traits.operations);
  const fenced = { all: resources, some: resources.slice(0, 1), none: [] }[fencing];
  return {
    kind,
    nodes,
    clients,
    jobs,
    operations: isCrowd
      ? Math.min(operations, Math.floor(MOST_LOCKS_OF_CROWD / (clients * jobs)))
      : jobs > 1
        ? random.pick([1, 2])
        : operations,
    resources,
    semaphore: null,
    fenced: new Set(fenced),
    ttl,
    spread,
    longTtls: !isForgetful && random.chance(traits.longTtls),
    longestTtl,
    delay,
    tail: random.pick(traits.tails),
    longestTail: kind === 'wild' ? ttl / delay : 50,
    lag: ttl * random.pick(traits.lags),
    driftFactor: isUnknowing ? 0.01 : random.pick([0.01, 0.01, 0.05, 0.2]),
    nodeTimeout: nodeTimeoutOf(random, slowest * traits.fastest, ttl * traits.timeout),
    skew,
    channels: channelsOf(random, nodes),
    redirects,
    throws: random.pick(traits.throws),
    lends: random.pick(traits.lends),
    sharing: 0,
    siblings: 0,
    mutes: 0,
    isCoarse: false,
    isMixed: false,
    // The term of a leader is a fencing token.
    elects: random.chance(0.15) && !isSiege && fencing !== 'none',
    quarantine,
    quarantineTime: isForgetful
      ? Math.max(leastQuarantineTime(longestTtl, skew), random.pick([0, 5000]))
      : random.pick([5000, 1]),
    faults: drawFaults(traits.faults, random),
    quietFor: isUnknowing ? FIRST_SIGHT : 0,
    faultEvery,
    faultsUntil: quietFor + lastingOf(traits, { ttl, faultEvery }, random),
  };
}

/** @param name of the first one; of a Cluster all share a slot */
function resourcesOf(
  kind: BaseKind,
  { several }: Traits,
  name: string,
  random: Random,
): Plan['resources'] {
  if (!random.chance(several)) return [name];
  return kind === 'crowd'
    ? [name, `${name}b`, `${name}c`]
    : [name, name === 'a' ? 'b' : `${name}b`];
}

function lastingOf(
  { lasting }: Traits,
  { ttl, faultEvery }: Pick<Plan, 'ttl' | 'faultEvery'>,
  random: Random,
): number {
  if ('ttls' in lasting) return ttl * random.pick(lasting.ttls);
  if ('ms' in lasting) return random.pick(lasting.ms);
  return faultEvery * random.integer(...lasting.pauses);
}

function nodeTimeoutOf(random: Random, delay: number, ttl: number): number | undefined {
  const least = delay * TIMEOUT_DELAYS;
  const byDefault = least < LEAST_DEFAULT_TIMEOUT ? undefined : least;
  return random.pick([byDefault, byDefault, Math.max(5, least), ttl / 2, ttl * 2]);
}

/** Mostly all alike. */
function channelsOf(random: Random, nodes: number): readonly Channels[] {
  const kinds: Choices<Channels> = ['heard', 'none', 'refused', 'mute'];
  const all = random.weighted({ heard: 7, none: 1, refused: 0.5, mute: 0.5, mixed: 1.5 });
  return Array.from({ length: nodes }, () => (all === 'mixed' ? random.pick(kinds) : all));
}
