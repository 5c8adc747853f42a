import type { LockMode } from 'redlock-core';
import { type Party, runContest } from '../contests/contest.js';
import { type Arrival, SharingLog } from '../contests/sharing-log.js';
import { Fleet, withSubjects } from '../fleet.js';
import type { Progress } from '../run.js';
import { EXCLUSIVE, EXCLUSIVE_COPY, OURS, SHARED } from '../roster.js';
import { medianOf, quantile, show, showShare, showSpread, type Spread } from '../spread.js';
import { ratioHeader, section } from '../table.js';
import type { Chapter } from './index.js';
import { measureLatency } from './latency.js';
import { type Crowd, measureThroughput, type Throughput } from './throughput.js';

const SUBJECTS = [...OURS, EXCLUSIVE_COPY, SHARED];
const WORKERS = 64;

/** The cost of a shared lock beside that of an exclusive one, many that share one resource, and who gets it when. */
export const sharing: Chapter = async ({ plan, progress }) => {
  await using fleet = await Fleet.start();
  const costs = await withSubjects(SUBJECTS, fleet.servers, async (subjects) => {
    const throughputOf = (resources: Crowd['resources'], names: readonly string[]) => {
      progress(`sharing, ${resources} resources`);
      const some = subjects.filter(({ name }) => names.includes(name));
      const crowd = { workers: WORKERS, resources };
      return measureThroughput(fleet, some, EXCLUSIVE, crowd, plan.throughput);
    };
    progress('sharing, alone');
    const alone = await measureLatency(subjects, EXCLUSIVE, plan.latency);
    const own = await throughputOf('own', SUBJECTS);
    const one = await throughputOf('one', [SHARED]);
    return [
      section(
        'Shared locks, alone',
        `One caller, one lock at a time, in turns as above. Ratios are those of a turn's median to that of the exclusive locks beside it.`,
        ['', 'acquire + release, ms', ratioHeader(alone, EXCLUSIVE, EXCLUSIVE_COPY)],
        alone.map(({ name, ms, ratio }) => [name, showSpread(ms, 3), showSpread(ratio, 2)]),
      ),
      section(
        `Shared locks, ${WORKERS} workers`,
        `Medians of ${plan.throughput.rounds} rounds of ${plan.throughput.ms} ms. Workers that share one resource have it at once; ratios are those of locks a second.`,
        ['', 'locks/s', ratioHeader(own, EXCLUSIVE, EXCLUSIVE_COPY)],
        rates(own, one),
      ),
    ];
  });
  return [...costs, await arrivals(fleet, plan.contentionMs * 2, progress)];
};

function rates(own: readonly Throughput[], one: readonly Throughput[]): string[][] {
  const base = own.find(({ name }) => name === EXCLUSIVE)?.locksPerSecond.median ?? NaN;
  // Of medians: the rounds were apart.
  const ratioOf = ({ median, min, max }: Spread): Spread => ({
    median: median / base,
    min: min / base,
    max: max / base,
  });
  return [
    ...own.map(({ name, locksPerSecond, ratio }) => [
      `${name}, ${WORKERS} workers, each its own resource`,
      showSpread(locksPerSecond, 0),
      showSpread(ratio, 2),
    ]),
    ...one.map(({ locksPerSecond }) => [
      `${WORKERS} workers share one resource`,
      showSpread(locksPerSecond, 0),
      showSpread(ratioOf(locksPerSecond), 2),
    ]),
  ];
}

/** Processes that want the lock in one mode. */
interface Side extends Omit<Party, 'subject'> {
  readonly mode: LockMode;
}

interface Situation {
  readonly situation: string;
  /** The mode whose arrivals are measured. */
  readonly observed: LockMode;
  readonly sides: readonly Side[];
}

const [SHORT, LONG] = [50, 200];
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
  ...[
    { processes: 50, workers: 1 },
    { processes: 5, workers: 10 },
  ].map((writers): Situation => ({
    situation: `a reader among ${writers.processes} × ${writers.workers} writers, held 5 ms`,
    observed: 'shared',
    sides: [
      { mode: 'exclusive', ...writers, holdMs: 5, restMs: 0 },
      { mode: 'shared', ...NEWCOMER },
    ],
  })),
  ...(['shared', 'exclusive'] as const).map((observed): Situation => ({
    situation: `${observed === 'shared' ? 'readers' : 'writers'} where 5 × 5 read and 5 × 1 write, held ${SHORT} ms`,
    observed,
    sides: [
      { mode: 'shared', processes: 5, workers: 5, holdMs: SHORT, restMs: 0 },
      { mode: 'exclusive', processes: 5, workers: 1, holdMs: SHORT, restMs: 0 },
    ],
  })),
];

/** How soon a request in one mode is granted among requests in the other. */
async function arrivals(fleet: Fleet, ms: number, progress: Progress): Promise<string> {
  const rows: string[][] = [];
  for (const { situation, observed, sides } of SITUATIONS) {
    progress(`sharing: ${situation}`);
    const parties = sides.map(({ mode, ...party }) => ({
      ...party,
      subject: mode === 'shared' ? SHARED : EXCLUSIVE,
    }));
    const modes = sides.flatMap(({ mode, processes }) => Array<LockMode>(processes).fill(mode));
    const { turns, from, to } = await runContest({ fleet, resource: 'sharing', parties, ms });
    const log = new SharingLog(turns, modes, from, to);
    const holdMs = medianOf(log.holdMs(observed === 'shared' ? 'exclusive' : 'shared'));
    rows.push([situation, ...cellsOf(log.arrivals(observed), holdMs)]);
  }
  return section(
    'Shared locks: who gets in, and when',
    `Processes × workers that want one resource again and again, for ${ms / 1000} s, five nodes; a newcomer wants it for 1 ms, 150 ms after the last time. Waits are those of the newcomer, or of the workers named first, over the median time for which the others held the lock; 1 is a whole hold. Ahead: those who had waited longer when it came. Place: how many were granted the lock before it, of those ahead and later ones, and itself. In the order of tickets, it passes nobody and nobody overtakes it. An exclusive lock beside any other would end the run.`,
    [
      '',
      'arrivals',
      'others hold, ms',
      'wait in holds, median',
      'p90',
      'longest',
      'within 2 holds',
      'ahead',
      'place',
      'passed',
      'overtaken by',
    ],
    rows,
  );
}

function cellsOf(all: readonly Arrival[], holdMs: number): string[] {
  const waits = all.map(({ waitMs }) => waitMs / holdMs);
  return [
    show(all.length, 0),
    show(holdMs, 1),
    show(medianOf(waits), 2),
    show(quantile(waits, 0.9), 2),
    show(quantile(waits, 1), 2),
    showShare(waits.filter((wait) => wait <= 2).length / waits.length, 0),
    show(medianOf(all.map(({ ahead }) => ahead)), 0),
    withMost(all.map((one) => one.ahead - one.passed + one.overtakers + 1)),
    withMost(all.map(({ passed }) => passed)),
    withMost(all.map(({ overtakers }) => overtakers)),
  ];
}

function withMost(figures: readonly number[]): string {
  return `${show(medianOf(figures), 0)} (at most ${show(Math.max(...figures), 0)})`;
}
