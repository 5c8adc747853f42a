import { killSubscriptions } from './contest/kill-subscriptions.js';
import { runContest, type Party } from './contest/contest.js';
import { NODES, type Deployment } from './deployment.js';
import { measureIdleRound } from './idle-round.js';
import type { Progress } from './progress.js';
import { OURS, PATIENT } from './roster.js';
import { callsBetween, commandsBetween, type ServerReading } from './server-meter.js';
import { quantile } from './spread.js';

export interface Contention {
  readonly situation: string;
  readonly locks: number;
  /** For one lock and node: all that clients send, and of these the scripts. */
  readonly commands: number;
  readonly scripts: number;
  /** For one lock and node: what scripts publish. */
  readonly published: number;
  /** A short script on every node, until a quorum has answered, before it began: ms. */
  readonly idleRoundMs: number;
  /** From a release to the next holder's grant, in ms. */
  readonly handOffMs: number;
  /** The same where the next holder is another process; null with one process. */
  readonly between: { readonly ms: number; readonly p99: number } | null;
  readonly longestGapMs: number;
  readonly longestWaitMs: number;
  /** Of a process, over the mean of all. */
  readonly leastShare: number;
  readonly mostShare: number;
  /** The share of hand-overs to one who had wanted the lock later than another who still waited. */
  readonly outOfOrder: number;
  /** The share of locks that were got after another who had wanted the lock later. */
  readonly overtaken: number;
}

interface Situation extends Omit<Party, 'subject' | 'restMs'> {
  readonly situation: string;
  readonly subject?: string;
  readonly restMs?: number;
  /** As many times as long as other situations: for shares, and where a lock is held for long. */
  readonly longer?: number;
  /** So often, in ms, all connections that subscribe are killed. */
  readonly killEvery?: number;
}

const SITUATIONS: readonly Situation[] = [
  {
    situation: '2 processes × 1, held 20 ms, in turns, `retryDelay` 2000',
    subject: PATIENT,
    processes: 2,
    workers: 1,
    holdMs: 20,
    restMs: 10,
  },
  { situation: '1 × 1, held 5 ms', processes: 1, workers: 1, holdMs: 5 },
  { situation: '1 × 50, held 5 ms', processes: 1, workers: 50, holdMs: 5 },
  { situation: '4 × 50, held 5 ms', processes: 4, workers: 50, holdMs: 5 },
  { situation: '4 × 50, held 200 ms', processes: 4, workers: 50, holdMs: 200 },
  { situation: '8 × 5, held 5 ms', processes: 8, workers: 5, holdMs: 5, longer: 2 },
  {
    situation: '8 × 5, held 5 ms, subscriptions killed 10 times a second',
    processes: 8,
    workers: 5,
    holdMs: 5,
    killEvery: 100,
  },
  { situation: '2 × 1, held 5 ms', processes: 2, workers: 1, holdMs: 5 },
  { situation: '20 × 1, held 5 ms', processes: 20, workers: 1, holdMs: 5, longer: 2 },
  {
    situation: "20 × 1, held 5 ms, every second process's clock 5 s ahead",
    processes: 20,
    workers: 1,
    holdMs: 5,
    longer: 2,
    clocksApartMs: 5000,
  },
  { situation: '100 × 1, held 5 ms', processes: 100, workers: 1, holdMs: 5 },
  { situation: '4 × 1, held 20 ms', processes: 4, workers: 1, holdMs: 20 },
  { situation: '4 × 1, held 500 ms', processes: 4, workers: 1, holdMs: 500, longer: 2 },
  { situation: '20 × 1, held 500 ms', processes: 20, workers: 1, holdMs: 500, longer: 2 },
];

/** Several processes that want one resource again and again. */
export async function measureContention(
  deployment: Deployment,
  ms: number,
  progress: Progress,
): Promise<Contention[]> {
  const onlyInScripts = await deployment.onlyInScripts(OURS[0]);
  const results: Contention[] = [];
  for (const situation of SITUATIONS) {
    progress(situation.situation);
    results.push(await contend(deployment, onlyInScripts, situation, ms));
  }
  return results;
}

async function contend(
  { meter, addresses: servers }: Deployment,
  onlyInScripts: ReadonlySet<string>,
  { situation, longer = 1, killEvery, ...work }: Situation,
  ms: number,
): Promise<Contention> {
  await meter.clear();
  const readings: ServerReading[] = [];
  const read = async (): Promise<void> => void readings.push(await meter.read());
  let idleRoundMs = NaN;
  const killing = killEvery === undefined ? null : killSubscriptions(servers, killEvery);
  const log = await runContest({
    servers,
    resource: 'contended',
    parties: [{ subject: OURS[0], restMs: 0, ...work }],
    ms: ms * longer,
    prepare: async () => {
      idleRoundMs = await measureIdleRound(servers);
    },
    begin: read,
    end: read,
  });
  await killing?.();
  const [before, after] = readings;
  if (!before || !after) throw new Error('The meter was not read');
  const locks = log.holds.length;
  const byLock = (calls: number): number => calls / locks / NODES;
  const between = log.handOffs('between processes');
  // The bench itself kills subscriptions.
  const known = new Set([...onlyInScripts, 'client|kill']);
  return {
    situation,
    locks,
    commands: byLock(commandsBetween(before, after, known)),
    scripts: byLock(callsBetween(before, after, ['eval', 'evalsha'])),
    published: byLock(callsBetween(before, after, ['publish'])),
    idleRoundMs,
    handOffMs: quantile(log.handOffs('all'), 0.5),
    between:
      between.length === 0 ? null : { ms: quantile(between, 0.5), p99: quantile(between, 0.99) },
    longestGapMs: log.longestGap,
    longestWaitMs: log.longestWait(),
    leastShare: log.shares[0] ?? NaN,
    mostShare: log.shares.at(-1) ?? NaN,
    outOfOrder: log.outOfOrder,
    overtaken: log.overtaken,
  };
}
