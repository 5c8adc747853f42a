import type { Redlock } from 'redlock-core';
import type { Io } from '../io.js';
import { spoken } from '../spoken.js';

/**
 * Tells when too few nodes are left for a quorum, because the waiting for a lock would otherwise be silent for ever.
 * @param nodes how many there are
 * @param verbose whether to tell, too, who holds the lock, and everything about the nodes
 */
export function tellNews(redlock: Redlock, nodes: number, verbose: boolean, io: Io): void {
  const failed = new Set<string>();
  const mayFail = nodes - (Math.floor(nodes / 2) + 1);
  redlock.on('nodeFailed', ({ node, error }) => {
    failed.add(node);
    if (verbose) io.tell(`${node}: ${error.message}`);
    if (failed.size !== mayFail + 1) return;
    io.tell(
      `${failed.size} of ${nodes} nodes are away, so no lock can be had or kept; ${node}: ${error.message}`,
    );
  });
  redlock.on('nodeRecovered', ({ node }) => {
    if (failed.delete(node) && failed.size === mayFail) io.tell('enough nodes answer again');
    if (verbose) io.tell(`${node}: answers again`);
  });
  if (!verbose) return;
  redlock.on('warning', ({ node, message }) =>
    io.tell(node === undefined ? message : `${node}: ${message}`),
  );
  redlock.on('nodeQuarantined', ({ node, duration }) => {
    io.tell(`${node}: it has restarted, and its grants do not count for ${spoken(duration)}`);
  });
  let told = '';
  redlock.on('contended', ({ owners }) => {
    const holders = owners.length > 0 ? owners.join(', ') : 'somebody';
    if (holders !== told) io.tell(`waiting: ${holders} has the lock`);
    told = holders;
  });
}
