import { Deployment } from '../deployment.js';
import { type Faults, measureFaults } from '../faults/faults.js';
import { measureNodeFaults, type NodeFault } from '../faults/node-faults.js';
import { section } from '../section.js';
import { show, showSpread } from '../spread.js';
import type { Chapter } from './chapter.js';

export const faults: Chapter = {
  name: 'faults',
  write: async ({ plan: { faultTrials, contentionMs }, progress }) => {
    await using deployment = await Deployment.start();
    const ofProcesses = await measureFaults(deployment, faultTrials, (name) =>
      progress(`fault: ${name}`),
    );
    const ofNodes = await measureNodeFaults(contentionMs, (name) => progress(`fault: ${name}`));
    return { markdown: [processes(ofProcesses), nodes(ofNodes, contentionMs)].join('\n\n') };
  },
};

function processes({ idleRoundMs, rows }: Faults): string {
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
    rows.map((row) => [
      row.name,
      show(row.trials, 0),
      showSpread(row.gap, 2),
      show(row.excess.median, 1),
      show(row.excess.max, 1),
      `${row.inOrder} of ${row.trials}`,
    ]),
  );
}

function nodes(rows: readonly NodeFault[], ms: number): string {
  return section(
    'Contention while nodes fail',
    `20 processes × 1, held 5 ms, for ${ms / 1000} s; the fault begins when the count does, and lasts. One of the five nodes is behind a proxy.`,
    ['', 'locks', 'hand-off, ms', 'p99', 'longest without holder, ms', 'longest wait, ms'],
    rows.map((row) => [
      row.name,
      show(row.locks, 0),
      show(row.handOffMs, 2),
      show(row.p99, 2),
      show(row.longestGapMs, 1),
      show(row.longestWaitMs, 0),
    ]),
  );
}
