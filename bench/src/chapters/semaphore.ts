import { Deployment } from '../deployment.js';
import { PERMITS } from '../roster.js';
import { section } from '../section.js';
import {
  measureContendedSemaphore,
  PROCESSES,
  WORKERS,
  type ContendedSemaphore,
} from '../semaphore/contended-semaphore.js';
import { CONTENDERS, measureRush, PERMITS as RUSH_PERMITS } from '../semaphore/rush.js';
import { show } from '../spread.js';
import type { Chapter } from './chapter.js';

export const semaphore: Chapter = {
  name: 'semaphore',
  write: async ({ plan: { contentionMs, rushes }, progress }) => {
    await using deployment = await Deployment.start();
    const rows = await measureContendedSemaphore(deployment, contentionMs, (what) =>
      progress(`semaphore: ${what}`),
    );
    progress('semaphore: rush');
    const roundTrips = await measureRush(rushes);
    return { markdown: [costs(rows, contentionMs), rush(roundTrips, rushes)].join('\n\n') };
  },
};

function costs(rows: readonly ContendedSemaphore[], ms: number): string {
  return section(
    'Semaphore',
    `${PROCESSES} processes with ${WORKERS} workers each that want one of ${PERMITS} permits again and again, for ${ms / 1000} s, five nodes. In use: the share of the time for which permits were held, all of them together. Most at once: of holders, by the machine's monotonic clock; more than ${PERMITS} are too many. Commands are counted on the servers, for one acquisition and node: all that clients send, and of these EVAL and EVALSHA.`,
    ['', 'acquisitions', 'in use', 'most at once', 'commands an acquisition and node', 'scripts'],
    rows.map((row) => [
      `${row.subject}, held ${row.holdMs} ms`,
      show(row.acquisitions, 0),
      `${show(row.used * 100, 1)} %`,
      show(row.mostAtOnce, 0),
      show(row.commands, 2),
      show(row.scripts, 2),
    ]),
  );
}

function rush(roundTrips: number, runs: number): string {
  return section(
    'Semaphore: a rush',
    `${CONTENDERS} processes that want one of ${RUSH_PERMITS} permits at the same moment, until all of these are held; five nodes in memory behind a network that takes its time at random. The median of ${runs} runs.`,
    ['', 'round trips'],
    [['redlock-core', show(roundTrips, 1)]],
  );
}
