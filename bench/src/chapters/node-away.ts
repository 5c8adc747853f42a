import { measureNodeAway } from '../node-away.js';
import { LIBRARY_NAMES } from '../roster.js';
import { section } from '../section.js';
import { NONE, show } from '../spread.js';
import type { Chapter } from './chapter.js';

export const nodeAway: Chapter = {
  name: 'node-away',
  write: async ({ plan: { nodeAway: plan }, progress, wanted }) => {
    const rows = await measureNodeAway(wanted(LIBRARY_NAMES), plan, (name) =>
      progress(`a node away: ${name}`),
    );
    const markdown = section(
      'One of five nodes black-holed',
      `The node takes every connection and command and answers nothing. One caller, locks in turns with five healthy nodes; until ${show(plan.operations, 0)} locks or ${plan.limitMs / 1000} s. "Unanswered" are commands that the silent node's client keeps at the end. A subject whose last lock was not done 2 s after the time was over waits for the silent node, for ever or for a timeout of its own.`,
      ['', 'locks', 'ms, five healthy', 'ms, one away', 'unanswered', 'heap growth, MiB'],
      rows.map((row) => [
        row.name,
        row.hangs ? `${row.locks || 'none'}, the next unfinished` : show(row.locks, 0),
        show(row.healthyMs, 3),
        row.woundedMs === null ? NONE : show(row.woundedMs, 3),
        row.pending === null ? NONE : show(row.pending, 0),
        show(row.growthBytes / 2 ** 20, 1),
      ]),
    );
    return { markdown };
  },
};
