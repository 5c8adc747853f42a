import { FAULT_TABLES, type FaultTable } from './faults.js';
import { MOST_SKEW, WILD_RATES, WILD_SKEW } from './assumptions.js';

/** What a run is mainly about; see {@link TRAITS}. */
export type BaseKind = 'calm' | 'faults' | 'forgetful' | 'wild' | 'siege' | 'stall' | 'crowd';

/**
 * What is added to a plan that is drawn of a base kind; see `overlays.ts`.
 *
 * - `shared`: processes share locks. `permits`: they want nothing but permits of a semaphore, and there are not enough.
 * - `siblings`: several Redlocks over the clients of a process. `vanishing`: nodes lose sets of shared holders.
 *   `takeovers`: most locks are adopted while their holders go on.
 * - Crowds: `ties`: clocks are read in whole ms, so waiters have equal tickets. `family`: readers and writers in one process.
 *   `mutes`: some processes cannot subscribe. `fleet`: processes that were given different numbers of permits.
 */
export type Overlay =
  | 'shared'
  | 'permits'
  | 'siblings'
  | 'vanishing'
  | 'takeovers'
  | 'ties'
  | 'family'
  | 'mutes'
  | 'fleet';

export type Kind = BaseKind | Overlay;

/** How often each is drawn in a hundred runs. */
const BASES: Readonly<Record<BaseKind, number>> = {
  calm: 1.5,
  faults: 35.4,
  forgetful: 19.2,
  wild: 25,
  siege: 7.2,
  stall: 1.8,
  crowd: 9.9,
};

/** From plans of which kinds those with an overlay are made, and how often of each. */
export const BASES_OF: Readonly<Record<Overlay, Readonly<Partial<Record<BaseKind, number>>>>> = {
  // An attempt that is to stand still must meet a holder, and not share the lock with it.
  shared: { ...BASES, siege: 9, stall: 0 },
  // A siege is about one lock.
  permits: { ...BASES, siege: 0, stall: 0 },
  siblings: { faults: 1, forgetful: 3 },
  vanishing: { calm: 1, faults: 4, crowd: 2 },
  takeovers: { faults: 1 },
  ties: { crowd: 1 },
  family: { crowd: 1 },
  mutes: { crowd: 1 },
  fleet: { crowd: 1 },
};

export const KINDS: Readonly<Record<Kind, number>> = {
  calm: 0.7,
  faults: 17,
  forgetful: 9.2,
  wild: 12,
  siege: 4.3,
  stall: 1.8,
  crowd: 4.8,
  shared: 20,
  permits: 12.2,
  siblings: 4,
  vanishing: 2.5,
  takeovers: 3.5,
  ties: 2,
  family: 3,
  mutes: 2,
  fleet: 3,
};

export type Choices<T = number> = readonly [T, ...T[]];

/** How much longer the ttls of some processes are than those of others: each process has one of these factors. */
export type Spread = Choices;

const EVEN: Spread = [1];
/** The shorter are over while an attempt with a longer one is still waiting for votes. */
const WIDE: Spread = [1, 1, 20, 60];

/** Where ttls differ widely or a lock is besieged, the shortest are no longer than this, in ms. */
export const LONGEST_OF_WIDE = 160;

export interface Traits {
  readonly nodes: Choices;
  /** Processes, where there are no more than three nodes, and where there are. */
  readonly clients: readonly [Choices, Choices];
  readonly jobs: Choices;
  readonly operations: Choices;
  /** In ms. */
  readonly longestShortTtl: number;
  readonly spreads: Choices<Spread>;
  /** How often some locks have a ttl that outlasts all clean-up. */
  readonly longTtls: number;
  /** The rate of the fastest clock: by it everything takes longer. */
  readonly fastest: number;
  /** How often two resources are wanted. */
  readonly several: number;
  readonly fencing: Readonly<Record<'all' | 'some' | 'none', number>>;
  readonly redirects: Choices;
  readonly tails: Choices;
  /** What a message takes longer at most, of the ttl. */
  readonly lags: Choices;
  readonly throws: Choices;
  readonly lends: Choices;
  /** What the TIME of nodes is off by at most, either way, in ms. */
  readonly skews: Choices;
  readonly quarantines: Choices<boolean | 'strict'>;
  /** Of the ttl: from a node's timeouts some are drawn that are about as long. */
  readonly timeout: number;
  readonly faults: Choices<FaultTable>;
  /** The longest pause between two faults, of the ttl. */
  readonly faultEvery: number;
  /** How long faults go on: so many such pauses, at least and at most; or so many ttls; or so many ms. */
  readonly lasting:
    | { readonly pauses: readonly [number, number] }
    | { readonly ttls: Choices }
    | { readonly ms: Choices };
}

const ANY: Traits = {
  nodes: [1, 2, 3, 3, 3, 3, 3, 3, 3, 4, 5, 5, 5, 7],
  clients: [
    [2, 2, 2, 3, 3, 4],
    [2, 2, 3],
  ],
  jobs: [1, 1, 1, 2],
  operations: [1, 2, 2, 3],
  longestShortTtl: 2000,
  spreads: [EVEN, EVEN, WIDE],
  longTtls: 0.1,
  fastest: 1,
  several: 0.4,
  fencing: { all: 5, some: 1, none: 2 },
  redirects: [0, 0, 0, 0.05, 0.3],
  tails: [0, 0.01, 0.05, 0.15],
  lags: [0, 0, 0.05, 0.2],
  throws: [0, 0, 0, 0.01],
  lends: [0, 0, 0.3],
  skews: [0, 1, 100, 900, 3000, MOST_SKEW],
  quarantines: [true, false, false],
  timeout: 1,
  faults: FAULT_TABLES.any,
  faultEvery: 2,
  lasting: { pauses: [1, 24] },
};

/** A minority of the nodes may lose their data. */
const FORGETFUL: Traits = {
  ...ANY,
  nodes: [3, 3, 3, 3, 3, 3, 3, 4, 5, 5, 5, 7],
  spreads: [EVEN, WIDE, WIDE],
  longTtls: 0,
  lags: [0, 0.3, 1, 3],
  skews: [0, 1, 100, 900],
  quarantines: [true, 'strict'],
  faults: FAULT_TABLES.forgetful,
  lasting: { pauses: [0, 24] },
};

/** The first process holds for long, with short ttls; the others, with long ones, want what it holds. */
const SIEGE: Traits = {
  ...FORGETFUL,
  nodes: [3, 3, 3, 3, 3, 3, 3, 5],
  clients: [
    [2, 2, 3],
    [2, 2, 3],
  ],
  jobs: [1],
  longestShortTtl: LONGEST_OF_WIDE,
  spreads: [[40]],
  timeout: 3,
  faults: FAULT_TABLES.siege,
  lasting: { ttls: [10, 20, 40] },
};

export const TRAITS: Readonly<Record<BaseKind, Traits>> = {
  /** Nobody hurts anybody. */
  calm: { ...ANY, faults: FAULT_TABLES.none, lasting: { pauses: [0, 0] } },
  faults: ANY,
  forgetful: FORGETFUL,
  /** Clocks are wrong beyond every assumption. No two nodes agree, so every lock is confirmed. */
  wild: {
    ...ANY,
    nodes: SIEGE.nodes,
    clients: [[3], [3]],
    jobs: [1],
    operations: [2, 4],
    spreads: [EVEN],
    longTtls: 0,
    fastest: WILD_RATES[1],
    several: 0.1,
    fencing: { all: 1, some: 0, none: 0 },
    redirects: [0],
    tails: [0, 0.02, 0.1],
    lags: [0.3, 0.6, 1],
    throws: [0],
    lends: [0],
    skews: [3000, WILD_SKEW],
    faults: FAULT_TABLES.wild,
    faultEvery: 0.5,
    lasting: { ttls: [3, 6, 12] },
  },
  siege: SIEGE,
  /**
   * In a siege, an attempt stands still for longer than an attempt may take, and its last vote is in then. The longer ttls are
   * still valid when it has stood still. Counters follow the clocks of nodes: grants that are seconds apart never agree on
   * one, and a confirm fails.
   */
  stall: {
    ...SIEGE,
    spreads: [[80]],
    several: 0,
    fencing: { all: 0, some: 0, none: 1 },
    redirects: [0],
    tails: [0],
    lags: [0],
    throws: [0],
    lends: [0],
    faults: FAULT_TABLES.stall,
    lasting: { ms: [4000, 8000] },
  },
  /** Many calls want one resource, or some of three, most of them for as long as it takes; little disturbs them. */
  crowd: {
    ...ANY,
    clients: [
      [2, 3, 4, 6],
      [2, 3, 4, 6],
    ],
    jobs: [1, 1, 2, 4],
    operations: [4, 8],
    fencing: { all: 6, some: 0, none: 2 },
    spreads: [EVEN],
    // Polls until such a lock ends by itself show nothing that those for a shorter one do not.
    longTtls: 0,
    tails: [0],
    lags: [0],
    throws: [0],
    faults: FAULT_TABLES.crowd,
    faultEvery: 1,
    lasting: { ttls: [0, 0, 2, 6] },
  },
};

/** A crowd whose nodes may forget has these of a forgetful run. */
export const FORGETFUL_CROWD: Traits = {
  ...TRAITS.crowd,
  nodes: FORGETFUL.nodes,
  skews: FORGETFUL.skews,
  quarantines: FORGETFUL.quarantines,
  faults: FAULT_TABLES.forgetfulCrowd,
};
