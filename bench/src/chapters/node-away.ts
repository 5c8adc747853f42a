import { type Chapter, type Row, tableOf } from '../chapter.js';
import { LIBRARIES, OURS } from '../libraries/roster.js';
import { Servers } from '../servers.js';
import { withWorkers } from '../worker.js';

const FULL = { operations: 10_000, limitMs: 12_000 };
const SHORT = { operations: 2000, limitMs: 3000 };

/** One of five nodes accepts everything and does not reply, beside five healthy nodes. */
export const nodeAway: Chapter = {
  name: 'node-away',
  measures: 'a lone caller while one of five nodes is silent',
  page: 'bench',
  run: async ({ short, progress }) => {
    const plan = short ? SHORT : FULL;
    const rows: Row[] = [];
    for (const library of short ? [OURS] : LIBRARIES) {
      progress(`a node away: ${library.name}`);
      // Each library has its own servers: what a hanging one leaves behind must not burden another.
      await using servers = await Servers.start();
      const { addresses: healthy, vulnerable: wounded } = servers;
      const inputs = [{ library: library.name, healthy, wounded, ...plan }];
      const [output] = await withWorkers('loseNode', inputs, (run) => {
        servers.deployment.node(0).proxy.blackHole();
        return run(plan.limitMs * 1.5);
      });
      if (!output) continue;
      const { locks, hangs, healthyMs, woundedMs, pending, heapGrowth } = output;
      const figures = {
        locks,
        last: hangs ? 'unfinished' : 'done',
        healthy: healthyMs,
        away: woundedMs,
        ratio: woundedMs === null ? null : woundedMs / healthyMs,
        pending,
        growth: heapGrowth / 2 ** 20,
      };
      rows.push({ name: library.name, figures });
    }
    return [
      tableOf(
        'One of five nodes black-holed',
        `The node takes every connection and command and answers nothing. One caller, locks in turns with five healthy nodes; until ${plan.operations} locks or ${plan.limitMs / 1000} s. "Unanswered" are commands that the silent node's client keeps at the end. A library whose last lock was not done 2 s after the time was over waits for the silent node, for ever or for its own timeout.`,
        [
          { key: 'locks', heading: 'locks', digits: 0 },
          { key: 'last', heading: 'the last one' },
          { key: 'healthy', heading: 'ms, five healthy', digits: 3 },
          { key: 'away', heading: 'ms, one away', digits: 3 },
          { key: 'ratio', heading: 'away / healthy', digits: 2 },
          { key: 'pending', heading: 'unanswered', digits: 0 },
          { key: 'growth', heading: 'heap growth, MiB', digits: 1 },
        ],
        rows,
      ),
    ];
  },
};
