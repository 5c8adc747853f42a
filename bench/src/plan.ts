import type { HandOffPlan } from './hand-off.js';
import type { KeepingPlan } from './keeping.js';
import type { LatencyPlan } from './latency.js';
import type { NodeAwayPlan } from './node-away.js';
import type { Crowd, ThroughputPlan } from './throughput.js';

export interface Plan {
  readonly latency: LatencyPlan;
  /** With so many ms of network each way. */
  readonly delays: readonly (LatencyPlan & { readonly delayMs: number })[];
  readonly throughput: ThroughputPlan;
  /** Others take their time where ours does not. */
  readonly peersEverywhere: boolean;
  readonly nodeAway: NodeAwayPlan;
  readonly confirmMs: number;
  readonly importRuns: number;
  readonly heldLocks: number;
  readonly keeping: KeepingPlan;
  readonly cycles: number;
  readonly contentionMs: number;
  /** How often many processes want a few permits at once. */
  readonly rushes: number;
  readonly faultTrials: number;
  readonly handOff: Omit<HandOffPlan, 'waiters'>;
}

export const FULL: Plan = {
  latency: { rounds: 5, turns: 25, locks: 40 },
  delays: [
    { delayMs: 1, rounds: 5, turns: 4, locks: 40 },
    { delayMs: 10, rounds: 5, turns: 4, locks: 5 },
  ],
  throughput: { rounds: 5, warmUpMs: 200, ms: 800 },
  peersEverywhere: true,
  nodeAway: { operations: 10_000, limitMs: 12_000 },
  confirmMs: 3000,
  importRuns: 20,
  heldLocks: 10_000,
  keeping: { locks: 10_000, rounds: 3, ms: 10_000 },
  cycles: 1_000_000,
  contentionMs: 5000,
  rushes: 9,
  faultTrials: 12,
  handOff: { holdMs: 5, limitMs: 20_000 },
};

/** To see that the bench works; its figures are too rough to show. */
export const QUICK: Plan = {
  latency: { rounds: 3, turns: 5, locks: 40 },
  delays: [
    { delayMs: 1, rounds: 2, turns: 2, locks: 10 },
    { delayMs: 10, rounds: 2, turns: 1, locks: 5 },
  ],
  throughput: { rounds: 2, warmUpMs: 200, ms: 500 },
  peersEverywhere: false,
  nodeAway: { operations: 2000, limitMs: 3000 },
  confirmMs: 500,
  importRuns: 2,
  heldLocks: 10_000,
  keeping: { locks: 10_000, rounds: 1, ms: 5000 },
  cycles: 20_000,
  contentionMs: 1000,
  rushes: 1,
  faultTrials: 2,
  handOff: { holdMs: 5, limitMs: 5000 },
};

/** A resource that is new to the nodes costs them a fencing counter more. */
export const CROWDS: readonly Crowd[] = [
  { workers: 64, resources: 'new' },
  { workers: 64, resources: 'own' },
  { workers: 512, resources: 'new' },
  { workers: 512, resources: 'own' },
];

/** How the 50 waiters for one lock are shared out to processes. */
export const QUEUES = [[50], [13, 13, 12, 12]] as const;
