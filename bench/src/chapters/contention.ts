import { killSubscriptions, type Party, runContest } from '../contests/contest.js';
import { ContestLog } from '../contests/contest-log.js';
import { Fleet, NODES } from '../fleet.js';
import { measureIdleRound } from '../meter.js';
import { OURS, PATIENT } from '../roster.js';
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
