import { collectTurns, type Party } from './contest/contest.js';
import { type Arrival, SharingLog } from './contest/sharing-log.js';
import type { LockMode } from 'redlock-core';
import type { Deployment } from './deployment.js';
import type { Progress } from './progress.js';
import { EXCLUSIVE, SHARED } from './roster.js';
import { quantile } from './spread.js';

/** Processes that want the lock in one mode. */
interface Side extends Omit<Party, 'subject'> {
  readonly mode: LockMode;
}

interface Situation {
  readonly situation: string;
  /** The mode of those whose arrivals are looked at. */
  readonly observed: LockMode;
  readonly sides: readonly Side[];
}

export interface Arrivals {
  readonly situation: string;
  readonly arrivals: readonly Arrival[];
  /** The middle one of those of the other mode. */
  readonly holdMs: number;
}

const SHORT = 50;
const LONG = 200;
/** A newcomer comes again after a time in which others have forgotten it. */
const NEWCOMER = { processes: 1, workers: 1, holdMs: 1, restMs: 150 };

const SITUATIONS: readonly Situation[] = [
  ...[SHORT, LONG].map((holdMs): Situation => ({
    situation: `a writer among 5 × 10 readers, held ${holdMs} ms`,
    observed: 'exclusive',
    sides: [
      { mode: 'shared', processes: 5, workers: 10, holdMs, restMs: 0 },
      { mode: 'exclusive', ...NEWCOMER },
    ],
  })),
  {
    situation: `a reader among 50 × 1 writers, held 5 ms`,
    observed: 'shared',
    sides: [
      { mode: 'exclusive', processes: 50, workers: 1, holdMs: 5, restMs: 0 },
      { mode: 'shared', ...NEWCOMER },
    ],
  },
  {
    situation: 'a reader among 5 × 10 writers, held 5 ms',
    observed: 'shared',
    sides: [
      { mode: 'exclusive', processes: 5, workers: 10, holdMs: 5, restMs: 0 },
      { mode: 'shared', ...NEWCOMER },
    ],
  },
  ...(['shared', 'exclusive'] as const).map((observed): Situation => ({
    situation: `${observed === 'shared' ? 'readers' : 'writers'} where 5 × 5 read and 5 × 1 write, held ${SHORT} ms`,
    observed,
    sides: [
      { mode: 'shared', processes: 5, workers: 5, holdMs: SHORT, restMs: 0 },
      { mode: 'exclusive', processes: 5, workers: 1, holdMs: SHORT, restMs: 0 },
    ],
  })),
];

/** How soon somebody who wants the lock in one mode gets in among those who want it in the other. */
export async function measureArrivals(
  { meter, addresses: servers }: Deployment,
  ms: number,
  progress: Progress,
): Promise<Arrivals[]> {
  const results: Arrivals[] = [];
  for (const { situation, observed, sides } of SITUATIONS) {
    progress(situation);
    await meter.clear();
    const parties = sides.map(({ mode, ...party }) => ({
      ...party,
      subject: mode === 'shared' ? SHARED : EXCLUSIVE,
    }));
    const modes = sides.flatMap(({ mode, processes }) => Array<LockMode>(processes).fill(mode));
    const contest = { servers, resource: 'sharing', parties, ms: ms * 2 };
    const { turns, from, to } = await collectTurns(contest);
    const log = new SharingLog(turns, modes, from, to);
    results.push({
      situation,
      arrivals: log.arrivals(observed),
      holdMs: quantile(log.holdMs(observed === 'shared' ? 'exclusive' : 'shared'), 0.5),
    });
  }
  return results;
}
