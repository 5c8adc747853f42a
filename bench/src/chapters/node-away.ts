import { Fleet, TTL } from '../fleet.js';
import { withHelpers } from '../helper.js';
import { LIBRARY_NAMES } from '../roster.js';
import { show } from '../spread.js';
import { section } from '../table.js';
import type { Chapter } from './index.js';

/** One of five nodes accepts everything and does not reply, beside five healthy nodes. */
export const nodeAway: Chapter = async ({ plan: { nodeAway: plan }, progress, wanted }) => {
  const rows: string[][] = [];
  for (const subject of wanted(LIBRARY_NAMES)) {
    progress(`a node away: ${subject}`);
    // Each subject has its own servers: what a hanging one leaves behind is no other's.
    await using fleet = await Fleet.start();
    const { servers, proxies } = fleet;
    const wounded = [...proxies.slice(0, 1), ...servers.slice(1)];
    const input = { subject, healthy: servers, wounded, ttl: TTL, ...plan };
    const [row] = await withHelpers('loseNode', [input], (run) => {
      fleet.deployment.node(0).proxy.blackHole();
      return run(plan.limitMs * 1.5);
    });
    if (!row) continue;
    rows.push([
      subject,
      row.hangs ? `${row.locks || 'none'}, the next unfinished` : show(row.locks, 0),
      show(row.healthyMs, 3),
      show(row.woundedMs, 3),
      show(row.pending, 0),
      show(row.growthBytes / 2 ** 20, 1),
    ]);
  }
  return [
    section(
      'One of five nodes black-holed',
      `The node takes every connection and command and answers nothing. One caller, locks in turns with five healthy nodes; until ${show(plan.operations, 0)} locks or ${plan.limitMs / 1000} s. "Unanswered" are commands that the silent node's client keeps at the end. A subject whose last lock was not done 2 s after the time was over waits for the silent node, for ever or for a timeout of its own.`,
      ['', 'locks', 'ms, five healthy', 'ms, one away', 'unanswered', 'heap growth, MiB'],
      rows,
    ),
  ];
};
