import { killSubscriptions, type Party, runContest } from '../contests/contest.js';
import { ContestLog } from '../contests/contest-log.js';
import { Fleet, NODES } from '../fleet.js';
import { PREFIX } from '../libraries/library.js';
import { measureIdleRound } from '../meter.js';
import { GIVING_UP, OURS, PATIENT } from '../roster.js';
import { medianOf, NONE, quantile, show, showShare } from '../spread.js';
import { section } from '../table.js';
import type { Chapter } from './index.js';

interface Situation extends Omit<Party, 'subject' | 'restMs'> {
  readonly situation: string;
  readonly subject?: string;
  readonly restMs?: number;
  /** Factor of the duration: for shares, and where a lock is held for long. */
  readonly longer?: number;
  readonly killsSubscriptions?: boolean;
}

/** `20 × 1, held 5 ms` */
function crowd(
  processes: number,
  workers: number,
  holdMs: number,
  { situation = '', ...more }: Partial<Situation> = {},
): Situation {
  const name = `${processes} × ${workers}, held ${holdMs} ms${situation}`;
  return { situation: name, processes, workers, holdMs, ...more };
}

const SITUATIONS: readonly Situation[] = [
  {
    ...crowd(2, 1, 20, { subject: PATIENT, restMs: 10 }),
    situation: '2 processes × 1, held 20 ms, in turns, `pollInterval` 2000',
  },
  crowd(1, 1, 5),
  crowd(1, 50, 5),
  crowd(4, 50, 5),
  crowd(4, 50, 200),
  crowd(8, 5, 5, { longer: 2 }),
  crowd(8, 5, 5, {
    situation: ', subscriptions killed 10 times a second',
    killsSubscriptions: true,
  }),
  crowd(2, 1, 5),
  crowd(20, 1, 5, { longer: 2 }),
  crowd(20, 1, 5, {
    situation: ", every second process's clock 5 s ahead",
    longer: 2,
    clocksApartMs: 5000,
  }),
  crowd(100, 1, 5),
  crowd(4, 1, 20),
  crowd(4, 1, 500, { longer: 2 }),
  crowd(20, 1, 500, { longer: 2 }),
];

/** Several processes that want one resource again and again. */
export const contention: Chapter = async ({ plan: { contentionMs: ms }, progress }) => {
  await using fleet = await Fleet.start();
  const onlyInScripts = await fleet.onlyInScripts(OURS[0]);
  const rows: { costs: string[]; fairness: string[] }[] = [];
  for (const situation of SITUATIONS) {
    progress(`contention: ${situation.situation}`);
    rows.push(await contend(fleet, onlyInScripts, situation, ms));
  }
  return [
    section(
      'Contention',
      `Processes × workers that want one resource again and again, for ${ms / 1000} s or twice that, five nodes; redlock-core with \`wait: Infinity\`. Commands are counted on the servers, for one lock and node: all that clients send, SUBSCRIBE and the handshake of a subscription's connection among it, and of these EVAL and EVALSHA. What scripts call is no command; the messages among it, PUBLISH, have a column of their own. A hand-off is the time from the call of a release to the next holder's grant, on the machine's monotonic clock; p99 and the ratio are those of hand-offs from one process to another. The ratio is that of their median to an idle round, which was measured with all processes connected and none at work: a script of one GET every 5 ms, until three of five nodes have answered. Two holders at once would end the run.`,
      [
        '',
        'locks',
        'commands a lock and node',
        'scripts',
        'PUBLISH',
        'hand-off, ms',
        'between processes, ms',
        'p99',
        'idle round, ms',
        'between processes / idle round',
      ],
      rows.map(({ costs }) => costs),
    ),
    section(
      'Contention: who gets it, and when',
      'The same runs. Share: of the process that had the lock least and most often, over the mean. Out of order: hand-overs to one who had wanted the lock later than another who still waited, in one process or two; one who is left waiting puts all hand-overs out of order until it has the lock. Overtaken: locks whose holder got them after another who had wanted them later. A wait that had not ended counts for as long as it had taken.',
      [
        '',
        'hand-overs',
        'out of order',
        'overtaken',
        'share',
        'longest without holder, ms',
        'longest wait, ms',
      ],
      rows.map(({ fairness }) => fairness),
    ),
  ];
};

/** @returns the cells of a row in both tables */
async function contend(
  fleet: Fleet,
  onlyInScripts: ReadonlySet<string>,
  { situation, longer = 1, killsSubscriptions = false, ...work }: Situation,
  ms: number,
): Promise<{ costs: string[]; fairness: string[] }> {
  let idleRoundMs = NaN;
  const endKilling = killsSubscriptions ? killSubscriptions(fleet) : undefined;
  const { turns, from, to, usage } = await runContest({
    fleet,
    resource: 'contended',
    parties: [{ subject: OURS[0], restMs: 0, ...work }],
    ms: ms * longer,
    prepare: async () => {
      idleRoundMs = await measureIdleRound(fleet.servers);
    },
  });
  endKilling?.();
  const log = new ContestLog(turns, from, to);
  const locks = log.holds.length;
  const byLock = (calls: number): string => show(calls / locks / NODES, 2);
  const between = log.handOffs('between processes');
  const ofBetween = (figure: (values: readonly number[]) => number, digits: number): string =>
    between.length === 0 ? NONE : show(figure(between), digits);
  // The bench itself kills subscriptions.
  const known = new Set([...onlyInScripts, 'client|kill']);
  return {
    costs: [
      situation,
      show(locks, 0),
      byLock(usage.commands(known)),
      byLock(usage.calls('eval', 'evalsha')),
      byLock(usage.calls('publish')),
      show(medianOf(log.handOffs('all')), 2),
      ofBetween(medianOf, 2),
      ofBetween((values) => quantile(values, 0.99), 2),
      show(idleRoundMs, 2),
      ofBetween((values) => medianOf(values) / idleRoundMs, 1),
    ],
    fairness: [
      situation,
      show(locks, 0),
      showShare(log.outOfOrder, 1),
      showShare(log.overtaken, 1),
      `${show(log.shares[0] ?? NaN, 2)}–${show(log.shares.at(-1) ?? NaN, 2)}`,
      show(log.longestGap, 1),
      show(log.longestWait(), 0),
    ],
  };
}

const MIXED = [OURS[0], GIVING_UP, 'redis-semaphore'];
/** With four of each, what split votes of redlock 5 leave behind stops all processes for seconds. */
const MIXED_PROCESSES = 2;
/** redlock 5 leaves the nodes of a split vote taken for this long, unless it gives up before. */
const MIXED_TTL = 1000;
/** With the longer rest, the lock is free for most of the time. */
const RESTS = [100, 0];

/** Processes of three libraries that want the same key: redlock-core's prefix is empty, redlock 5 has none. */
export const mixture: Chapter = async ({ plan: { contentionMs }, progress }) => {
  await using fleet = await Fleet.start();
  const ms = contentionMs * 2;
  const rows: string[][] = [];
  for (const restMs of RESTS) {
    progress(`mixture: rest ${restMs} ms`);
    const work = { processes: MIXED_PROCESSES, workers: 1, holdMs: 5, restMs };
    const parties = MIXED.map((subject) => ({ subject, ...work }));
    const contest = { fleet, resource: `${PREFIX}mixture`, ttl: MIXED_TTL, parties, ms };
    const { turns, from, to } = await runContest(contest);
    const log = new ContestLog(turns, from, to);
    for (const [index, name] of MIXED.entries()) {
      const isIts = (process: number): boolean => Math.floor(process / MIXED_PROCESSES) === index;
      rows.push([
        `${name}, rest ${restMs} ms`,
        show(log.holds.filter(({ process }) => isIts(process)).length, 0),
        show(log.longestWait(isIts), 0),
        show(log.longestGap, 0),
      ]);
    }
  }
  return [
    section(
      'Three libraries, one lock',
      `Two processes of each want the same key of the same five nodes, hold it for 5 ms and rest before they want it again, for ${ms / 1000} s; ttl ${MIXED_TTL} ms. redlock 5 and redis-semaphore poll as they do by default (every 200 ms with a jitter of 100, and every 10 ms); redlock 5 gives up after 10 retries as it does by default, and is asked again. Until it gives up, it leaves the nodes that it got in a split vote taken for their ttl, also for itself, so that nobody may get a quorum. Without a rest, the processes of redlock-core alone can keep the lock busy, and a process that polls gets it by chance. No two held it at once, else the run would have ended; a wait that had not ended counts for as long as it had taken.`,
      ['', 'locks', 'longest wait, ms', 'longest without holder, ms'],
      rows,
    ),
  ];
};
