/**
 * The subjects take turns of `locks` locks each, `turns` of them in a round. The first lock of a turn does not count: it
 * meets a connection that has been idle.
 */
export interface LatencyPlan {
  /** Locks that each subject takes before anything counts: code is compiled while they run. */
  readonly warmUp: number;
  readonly rounds: number;
  readonly turns: number;
  readonly locks: number;
}

export type Plan = Readonly<typeof FULL>;

export const FULL = {
  latency: { warmUp: 20_000, rounds: 5, turns: 25, locks: 40 } satisfies LatencyPlan,
  /** With this network each way, in ms. */
  delays: [
    { delayMs: 1, warmUp: 160, rounds: 5, turns: 4, locks: 40 },
    { delayMs: 10, warmUp: 20, rounds: 5, turns: 4, locks: 5 },
  ],
  throughput: { rounds: 5, warmUpMs: 500, ms: 2000 },
  /** Whether other libraries run in chapters where they take much longer than ours. */
  peersEverywhere: true,
  nodeAway: { operations: 10_000, limitMs: 12_000 },
  importRuns: 20,
  heldLocks: 10_000,
  keeping: { locks: 10_000, rounds: 3, ms: 10_000 },
  cycles: 1_000_000,
  contentionMs: 5000,
  /** How often many processes request a few permits at once. */
  rushes: 9,
  faultTrials: 12,
  handOff: { holdMs: 5, limitMs: 20_000 },
};

/** Shows that the bench works. Its figures are too rough to quote. */
export const QUICK: Plan = {
  latency: { warmUp: 200, rounds: 3, turns: 5, locks: 40 },
  delays: [
    { delayMs: 1, warmUp: 20, rounds: 2, turns: 2, locks: 10 },
    { delayMs: 10, warmUp: 5, rounds: 2, turns: 1, locks: 5 },
  ],
  throughput: { rounds: 2, warmUpMs: 200, ms: 500 },
  peersEverywhere: false,
  nodeAway: { operations: 2000, limitMs: 3000 },
  importRuns: 2,
  heldLocks: 10_000,
  keeping: { locks: 10_000, rounds: 1, ms: 5000 },
  cycles: 20_000,
  contentionMs: 1000,
  rushes: 1,
  faultTrials: 2,
  handOff: { holdMs: 5, limitMs: 5000 },
};
