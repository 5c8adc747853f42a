import type { Warning } from '../warning.js';

/**
 * Warnings about the number of nodes.
 * @param count how many nodes there are
 */
export function warningsOfCount(count: number): readonly Warning[] {
  const warnings: Warning[] = [];
  if (count < 3) {
    warnings.push({
      code: 'FEW_NODES',
      message:
        `with fewer than three nodes, as here (${count}), none may be away: ` +
        'use three or five if locks must go on without one',
    });
  }
  if (count % 2 === 0) {
    warnings.push({
      code: 'EVEN_NODES',
      message: `${count} nodes survive the loss of no more nodes than ${count - 1} do: use an odd number`,
    });
  }
  return warnings;
}

/**
 * The warning that a ttl is longer than the quarantine time that the user chose.
 * @param quarantineTime in ms
 * @param ttl in ms
 */
export function shortQuarantine(quarantineTime: number, ttl: number): Warning {
  return {
    code: 'QUARANTINE_TOO_SHORT',
    message:
      `a ttl of ${ttl} ms is used, and quarantineTime is ${quarantineTime} ms: a node that restarts without its ` +
      'data would grant locks that are still held; make quarantineTime no shorter than any ttl',
  };
}

/**
 * Warnings about a server of a node.
 * @param info what the server's `INFO` says about memory and persistence
 * @param isTrusted whether nodes are trusted to keep every write, so that there is no quarantine
 */
export function warningsOfServer(
  node: string,
  info: string,
  isTrusted: boolean,
): readonly Warning[] {
  const warnings: Warning[] = [];
  const policy = /^maxmemory_policy:(\S+?)\r?$/m.exec(info)?.[1];
  if (policy !== undefined && policy !== 'noeviction') {
    warnings.push({
      node,
      code: 'EVICTION',
      message:
        `maxmemory-policy is ${policy}: a server that is short of memory would drop locks that are held; ` +
        'set it to noeviction',
    });
  }
  if (isTrusted && /^aof_enabled:0\r?$/m.test(info)) {
    warnings.push({
      node,
      code: 'NO_PERSISTENCE',
      message:
        'quarantine is false and the server writes no append-only file: after a restart it would grant locks that ' +
        'are still held; leave quarantine on, or set appendonly yes and appendfsync always',
    });
  }
  return warnings;
}
