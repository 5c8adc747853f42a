import { setTimeout as sleep } from 'node:timers/promises';
import { Actor, type ActorLock } from 'test-kit';
import { machineNow } from 'test-kit/machine-clock';
import {
  type Chapter,
  type Column,
  type Context,
  type Row,
  type Table,
  tableOf,
} from '../chapter.js';
import { type Party, runContest } from '../contest/contest.js';
import { medianOf, quantile, spreadOf } from '../figure.js';
import { TTL } from '../libraries/library.js';
import { OURS, PATIENT } from '../libraries/roster.js';
import { measureIdleRound, NODES, Servers } from '../servers.js';

const FULL = { ms: 5000, trials: 8, ahead: [0, 1, 2, 5, 20] };
const SHORT = { ms: 1000, trials: 2, ahead: [0, 2] };

interface Situation extends Partial<Party> {
  readonly name: string;
  readonly processes: number;
  readonly workers: number;
  readonly holdMs: number;
  /** Factor of the duration: for shares, and where a lock is held for long. */
  readonly longer?: number;
  readonly fault?: NonNullable<Parameters<typeof runContest>[0]['fault']>;
}

/** `20 × 1, held 5 ms` */
function crowd(
  processes: number,
  workers: number,
  holdMs: number,
  { name = '', ...more }: Partial<Situation> = {},
): Situation {
  const text = `${processes} × ${workers}, held ${holdMs} ms${name}`;
  return { processes, workers, holdMs, ...more, name: text };
}

const SITUATIONS: readonly Situation[] = [
  crowd(2, 1, 5),
  crowd(2, 1, 20, { library: PATIENT, restMs: 10, name: ', in turns, `pollInterval` 2000' }),
  crowd(1, 1, 5),
  crowd(1, 50, 5),
  crowd(4, 50, 5),
  crowd(4, 50, 200),
  crowd(8, 10, 5, { longer: 2 }),
  crowd(20, 1, 5, { longer: 2 }),
  crowd(100, 1, 5),
  crowd(4, 1, 500, { longer: 2 }),
  crowd(20, 1, 500, { longer: 2 }),
  crowd(20, 1, 5, { clocksApartMs: 5000, name: ", every second process's clock 5 s ahead" }),
  crowd(20, 1, 5, {
    name: ', subscriptions killed 10 times a second',
    fault: (servers) => servers.killSubscriptions(),
  }),
  crowd(20, 1, 5, {
    name: ', one of five nodes dies',
    fault: ({ deployment }) => deployment.node(0).proxy.refuse(),
  }),
  crowd(20, 1, 5, {
    name: ', one of five nodes is black-holed',
    fault: ({ deployment }) => deployment.node(0).proxy.blackHole(),
  }),
];

const COSTS: readonly Column[] = [
  { key: 'locks', heading: 'locks', digits: 0 },
  { key: 'commands', heading: 'commands a lock and node', digits: 2 },
  { key: 'scripts', heading: 'scripts', digits: 2 },
  { key: 'messages', heading: 'PUBLISH', digits: 2 },
  { key: 'all', heading: 'hand-over, ms', digits: 2 },
  { key: 'between', heading: 'between processes, ms', digits: 2 },
  { key: 'p99', heading: 'p99', digits: 2 },
  { key: 'idle', heading: 'idle round, ms', digits: 2 },
  { key: 'ratio', heading: 'between processes / idle round', digits: 1 },
];

const FAIRNESS: readonly Column[] = [
  { key: 'locks', heading: 'locks', digits: 0 },
  { key: 'outOfOrder', heading: 'out of order, %', digits: 1 },
  { key: 'least', heading: 'least share', digits: 2 },
  { key: 'most', heading: 'greatest share', digits: 2 },
  { key: 'gap', heading: 'longest without holder, ms', digits: 1 },
  { key: 'wait', heading: 'longest wait, ms', digits: 0 },
];

export const handOver: Chapter = {
  name: 'hand-over',
  measures: 'processes that want one lock again and again; stopped processes ahead of others',
  page: 'bench',
  run: async (context) => {
    const { ms } = context.short ? SHORT : FULL;
    const situations = context.short ? SITUATIONS.slice(0, 3) : SITUATIONS;
    const rows: Row[] = [];
    for (const situation of situations) {
      context.progress(`hand-over: ${situation.name}`);
      rows.push(await measure(situation, ms));
    }
    return [
      tableOf(
        'Contention',
        `Processes × workers that want one resource again and again, for ${ms / 1000} s or twice that, five nodes; redlock-core with \`wait: Infinity\`. Commands are those that all clients send, for one lock and node, SUBSCRIBE and the handshake of a subscription's connection among them; and of these EVAL and EVALSHA. PUBLISH: messages of the scripts. A hand-over is the time from the call of a release to the next holder's grant, on the machine's monotonic clock; p99 and the ratio are those of hand-overs from one process to another. The ratio is that of their median to an idle round, which was measured with all processes connected and none at work: a script of one GET every 5 ms, until three of five nodes have answered. Two holders at once would end the run. Faults begin with the time that counts, and last.`,
        COSTS,
        rows,
      ),
      tableOf(
        'Contention: who gets it, and when',
        'The same runs. Out of order: locks that went to a request while an earlier one waited. Share: of the process that had the lock least and most often, over the mean. A wait that had not ended counts for as long as it had taken.',
        FAIRNESS,
        rows,
      ),
      await stoppedAhead(context),
    ];
  },
};

async function measure(
  { name, longer = 1, fault, library = OURS, ...work }: Situation,
  ms: number,
): Promise<Row> {
  // A fault may outlast its situation.
  await using servers = await Servers.start();
  const parties = [{ library, ...work }];
  const course = await runContest({ servers, parties, ms: ms * longer, ...(fault && { fault }) });
  const { log, idleRoundMs } = course;
  const locks = log.holds.length;
  const between = log.handOffs('between processes');
  const shares = log.locks().map((count) => (count * work.processes) / locks);
  const ofBetween = (figure: (values: readonly number[]) => number): number | null =>
    between.length === 0 ? null : figure(between);
  return {
    name,
    figures: {
      locks,
      commands: course.commands / locks / NODES,
      scripts: course.scripts / locks / NODES,
      messages: course.messages / locks / NODES,
      all: medianOf(log.handOffs()),
      between: ofBetween(medianOf),
      p99: ofBetween((values) => quantile(values, 0.99)),
      idle: idleRoundMs,
      ratio: ofBetween((values) => medianOf(values) / idleRoundMs),
      outOfOrder: log.outOfOrder * 100,
      least: Math.min(...shares),
      most: Math.max(...shares),
      gap: log.longestGap,
      wait: Math.max(...log.waits()),
    },
  };
}

const LIVE = 3;
/** So that the order of requests is certain, in ms. */
const APART = 30;

/** A process holds, some that are stopped wait, and then three live ones. The holder releases. */
async function stoppedAhead({ short, progress }: Context): Promise<Table> {
  const { trials, ahead } = short ? SHORT : FULL;
  await using servers = await Servers.start();
  const idleRoundMs = await measureIdleRound(servers.addresses);
  const rows: Row[] = [];
  for (const stopped of ahead) {
    progress(`hand-over: ${stopped} stopped ahead`);
    const gaps: number[] = [];
    for (let trial = 0; trial < trials; trial++) gaps.push(await passStopped(servers, stopped));
    const figures = { trials, ms: spreadOf(gaps), ratio: medianOf(gaps) / idleRoundMs };
    rows.push({ name: `${stopped}`, figures });
  }
  return tableOf(
    'Stopped processes ahead',
    `One process of redlock-core holds a lock. Others wait for it, of which the first ones are stopped (SIGSTOP) while they wait, and ${LIVE} behind them are live. From the call of the release until a live process has the lock: median (min–max) over the trials, and the median in idle rounds of ${idleRoundMs.toFixed(2)} ms.`,
    [
      { key: 'trials', heading: 'trials', digits: 0 },
      { key: 'ms', heading: 'without live holder, ms', digits: 1 },
      { key: 'ratio', heading: 'median, idle rounds', digits: 1 },
    ],
    rows,
  );
}

/** @returns how long no live process had the lock, in ms; the message to the holder is part of it */
async function passStopped({ deployment }: Servers, stopped: number): Promise<number> {
  const resource = `stage:${Math.random()}`;
  const count = 1 + stopped + LIVE;
  const actors = await Promise.all(Array.from({ length: count }, () => Actor.start(deployment)));
  const [holder, ...waiting] = actors;
  if (!holder) throw new Error('There is no holder');
  const held = await holder.acquire(resource, TTL);
  const grants: Promise<ActorLock>[] = [];
  for (const actor of waiting) {
    const grant = actor.acquire(resource, TTL);
    // Of those that are killed at the end.
    grant.catch(() => {});
    grants.push(grant);
    await sleep(APART);
  }
  for (const actor of waiting.slice(0, stopped)) actor.stop();
  const released = machineNow();
  void holder.release(held);
  const { at } = await Promise.race(grants.slice(stopped));
  await Promise.all(actors.map((actor) => actor.kill()));
  return at - released;
}
