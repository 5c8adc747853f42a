import { killSubscriptions, runContest } from '../contests/contest.js';
import { ContestLog } from '../contests/contest-log.js';
import { MISHAPS, UNHURT } from '../faults/mishap.js';
import { playScenes } from '../faults/scene.js';
import { Fleet } from '../fleet.js';
import { measureIdleRound } from '../meter.js';
import { OURS } from '../roster.js';
import type { Progress } from '../run.js';
import { medianOf, quantile, show, showSpread, spreadOf } from '../spread.js';
import { section } from '../table.js';
import type { Chapter } from './index.js';

export const faults: Chapter = async ({ plan: { faultTrials, contentionMs }, progress }) => {
  const report: Progress = (name) => progress(`fault: ${name}`);
  return [await faultsOfProcesses(faultTrials, report), await faultsOfNodes(contentionMs, report)];
};

/** One process holds a lock and three wait for it; then one of them fails. */
async function faultsOfProcesses(trials: number, progress: Progress): Promise<string> {
  await using fleet = await Fleet.start();
  const idleRoundMs = await measureIdleRound(fleet.servers);
  const rows: string[][] = [];
  let undisturbed = NaN;
  for (const mishap of MISHAPS) {
    progress(mishap.name);
    await fleet.meter.clear();
    const results = await playScenes(fleet.servers, mishap, trials);
    const gap = spreadOf(results.map((result) => result.gap));
    if (mishap === UNHURT) undisturbed = gap.median;
    const usual = mishap.endsWithTtl ? 0 : undisturbed;
    rows.push([
      mishap.name,
      show(trials, 0),
      showSpread(gap, 2),
      show((gap.median - usual) / idleRoundMs, 1),
      show((gap.max - usual) / idleRoundMs, 1),
      `${results.filter(({ heirGotIt }) => heirGotIt).length} of ${trials}`,
    ]);
  }
  return section(
    'Processes that die while others wait',
    `One process of redlock-core holds a lock and three wait for it, on five nodes. Nobody has the lock from the call of the release, or from the end of a dead holder's ttl, to the next grant: median (min–max) over the trials, and how much more that is than the median where nobody is hurt, or than the ttl, in idle rounds of ${show(idleRoundMs, 2)} ms.`,
    [
      '',
      'trials',
      'without holder, ms',
      'more, idle rounds: median',
      'longest',
      'got by the next in line',
    ],
    rows,
  );
}

/** Each fault begins with the time that counts, and lasts. It returns what ends it, if anything must. */
const NODE_FAULTS: Readonly<Record<string, (fleet: Fleet) => (() => void) | void>> = {
  none: () => {},
  'subscriptions killed ten times a second': (fleet) => killSubscriptions(fleet),
  'one of five nodes dies': ({ deployment }) => deployment.node(0).proxy.refuse(),
  'one of five nodes is black-holed': ({ deployment }) => deployment.node(0).proxy.blackHole(),
};

/** Twenty processes that want one lock during a fault of the nodes. */
async function faultsOfNodes(ms: number, progress: Progress): Promise<string> {
  const rows: string[][] = [];
  for (const [name, befall] of Object.entries(NODE_FAULTS)) {
    progress(name);
    await using fleet = await Fleet.start();
    let end: (() => void) | void;
    const { turns, from, to } = await runContest({
      fleet,
      servers: [...fleet.proxies.slice(0, 1), ...fleet.servers.slice(1)],
      resource: 'contended',
      parties: [{ subject: OURS[0], processes: 20, workers: 1, holdMs: 5, restMs: 0 }],
      ms,
      begin: () => {
        end = befall(fleet);
      },
    }).finally(() => end?.());
    const log = new ContestLog(turns, from, to);
    const handOffs = log.handOffs('all');
    rows.push([
      name,
      show(log.holds.length, 0),
      show(medianOf(handOffs), 2),
      show(quantile(handOffs, 0.99), 2),
      show(log.longestGap, 1),
      show(log.longestWait(), 0),
    ]);
  }
  return section(
    'Contention while nodes fail',
    `20 processes × 1, held 5 ms, for ${ms / 1000} s; the fault begins when the count does, and lasts. One of the five nodes is behind a proxy.`,
    ['', 'locks', 'hand-off, ms', 'p99', 'longest without holder, ms', 'longest wait, ms'],
    rows,
  );
}
