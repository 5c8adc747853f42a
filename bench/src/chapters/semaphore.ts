import { setTimeout as sleep } from 'node:timers/promises';
import { Redlock, type RedisNode } from 'redlock-core';
import { memoryNode } from 'redlock-core/memory';
import { runContest } from '../contests/contest.js';
import { PermitUse } from '../contests/permit-use.js';
import { Fleet, NODES, TTL } from '../fleet.js';
import { PERMITS } from '../libraries/redlock-core.js';
import { SEMAPHORES } from '../roster.js';
import { medianOf, show, showShare } from '../spread.js';
import { section } from '../table.js';
import type { Chapter } from './index.js';

const PROCESSES = 8;
const WORKERS = 5;
/** For how many ms a permit is held. */
const HOLDS = [20, 200] as const;

export const semaphore: Chapter = async ({ plan: { contentionMs: ms, rushes }, progress }) => {
  await using fleet = await Fleet.start();
  const rows: string[][] = [];
  for (const subject of SEMAPHORES) {
    const onlyInScripts = await fleet.onlyInScripts(subject);
    for (const holdMs of HOLDS) {
      progress(`semaphore: ${subject}, held ${holdMs} ms`);
      rows.push([
        `${subject}, held ${holdMs} ms`,
        ...(await contend(fleet, onlyInScripts, subject, holdMs, ms)),
      ]);
    }
  }
  progress('semaphore: rush');
  const times: number[] = [];
  for (let run = 0; run < rushes; run++) times.push(await rush());
  return [
    section(
      'Semaphore',
      `${PROCESSES} processes with ${WORKERS} workers each that want one of ${PERMITS} permits again and again, for ${ms / 1000} s, five nodes. In use: the share of the time for which permits were held, all of them together. Most at once: of holders, by the machine's monotonic clock; more than ${PERMITS} are too many. Commands are counted on the servers, for one acquisition and node: all that clients send, and of these EVAL and EVALSHA.`,
      ['', 'acquisitions', 'in use', 'most at once', 'commands an acquisition and node', 'scripts'],
      rows,
    ),
    section(
      'Semaphore: a rush',
      `${CONTENDERS} processes that want one of ${SEATS} permits at the same moment, until all of these are held; five nodes in memory behind a network that takes its time at random. The median of ${rushes} runs.`,
      ['', 'round trips'],
      [['redlock-core', show(medianOf(times) / ROUND_TRIP, 1)]],
    ),
  ];
};

/** Several processes that want permits of one semaphore again and again. Returns the cells of a row. */
async function contend(
  fleet: Fleet,
  onlyInScripts: ReadonlySet<string>,
  subject: string,
  holdMs: number,
  ms: number,
): Promise<string[]> {
  const parties = [{ subject, processes: PROCESSES, workers: WORKERS, holdMs, restMs: 0 }];
  const { turns, from, to, usage } = await runContest({ fleet, resource: 'seats', parties, ms });
  const use = new PermitUse(turns.flat(), from, to);
  const byGrant = (calls: number): string => show(calls / use.granted / NODES, 2);
  return [
    show(use.granted, 0),
    showShare(use.shareOf(PERMITS), 1),
    show(use.mostAtOnce, 0),
    byGrant(usage.commands(onlyInScripts)),
    byGrant(usage.calls('eval', 'evalsha')),
  ];
}

const CONTENDERS = 100;
const SEATS = 5;

/** Random delay of a network each way, in ms. Its mean, there and back, is a round trip. */
const [SHORTEST, LONGEST] = [50, 150];
const ROUND_TRIP = SHORTEST + LONGEST;

/** Lets many processes want a permit at the same moment. Returns the ms until all permits are held. */
async function rush(): Promise<number> {
  const servers = Array.from({ length: NODES }, (_, index) => memoryNode({ name: `n${index}` }));
  const redlocks = Array.from({ length: CONTENDERS }, () => new Redlock(servers.map(afar)));
  const start = performance.now();
  const done = new AbortController();
  let held = 0;
  let time = Infinity;
  const acquire = async (redlock: Redlock): Promise<void> => {
    await redlock
      .semaphore('seats', SEATS)
      .acquire(TTL, { wait: Infinity, signal: done.signal })
      .catch((reason: unknown) => {
        if (!done.signal.aborted) throw reason;
      });
    if (done.signal.aborted || ++held < SEATS) return;
    time = performance.now() - start;
    done.abort();
  };
  await Promise.all(redlocks.map(acquire));
  await Promise.all(redlocks.map((redlock) => redlock.close()));
  return time;
}

/** A node behind a network. Commands and replies arrive in order. */
function afar(server: RedisNode): RedisNode {
  let there = Promise.resolve();
  let back = Promise.resolve();
  return {
    ...server,
    call: async (args) => {
      there = Promise.all([there, delay()]).then(() => {});
      await there;
      const reply = server.call(args);
      back = Promise.all([back, delay()]).then(() => {});
      await back;
      return reply;
    },
  };
}

function delay(): Promise<void> {
  return sleep(SHORTEST + Math.random() * (LONGEST - SHORTEST));
}
