import type { NodeFacts, SetFacts, Terms } from '../facts.js';
import { type DoctorFinding, finding } from '../finding.js';

const FIX =
  'CONFIG SET appendonly yes and CONFIG SET appendfsync always, and the same lines in redis.conf';

/** Finds servers that may lose locks when they restart. The option `quarantine` decides how serious that is. */
export function persistence({ nodes, terms }: SetFacts): readonly DoctorFinding[] {
  return nodes.flatMap((node) => dataLoss(node, terms) ?? []);
}

function dataLoss({ name, servers, fsyncs }: NodeFacts, terms: Terms): DoctorFinding | null {
  if (servers.length === 0) return null;
  const { quarantine } = terms;
  const level = quarantine === 'strict' ? 'info' : quarantine ? 'warning' : 'error';
  const effect = effectOf(terms);
  if (servers.some(({ hasAppendOnlyFile }) => !hasAppendOnlyFile)) {
    const message = `no append-only file, so all locks are lost when the server restarts: ${effect}`;
    return finding(level, 'NO_PERSISTENCE', name, message, fixFor(quarantine));
  }
  const relaxed = fsyncs.find((fsync) => fsync !== 'always');
  if (relaxed !== undefined) {
    const message = `appendfsync is ${relaxed}, so the latest locks are lost when the machine fails: ${effect}`;
    return finding(level, 'RELAXED_FSYNC', name, message, fixFor(quarantine));
  }
  if (fsyncs.length > 0 || quarantine === 'strict') return null;
  return finding(
    quarantine ? 'info' : 'warning',
    'UNKNOWN_FSYNC',
    name,
    'the user has no right to CONFIG GET appendfsync; unless it is always, the latest locks are lost when the ' +
      `machine fails: ${effect}`,
    'check it as an administrator: CONFIG GET appendfsync',
  );
}

function effectOf({ quarantine, quarantineTime }: Terms): string {
  if (quarantine === false) return 'without quarantine, the server then grants locks that are held';
  const pause = `its grants then do not count for ${quarantineTime} ms`;
  if (quarantine === 'strict') return pause;
  return `${pause}, but a process that starts after the restart does not notice it, and may take a held lock`;
}

function fixFor(quarantine: Terms['quarantine']): string {
  if (quarantine === 'strict') return `${FIX}; no vote is then missing after a restart`;
  const other = "quarantine: 'strict' in every program that uses these nodes";
  return quarantine ? `${FIX}; or set ${other}` : `${FIX}; or keep quarantine on, ${other}`;
}

/** The part of maxmemory from which a server counts as short of memory. */
const FULL = 0.8;
const MEGABYTE = 1024 * 1024;

/** Finds servers that would evict locks, or refuse them, when memory is short. */
export function memory({ nodes }: SetFacts): readonly DoctorFinding[] {
  return nodes.flatMap(({ name, servers }) =>
    servers.flatMap(({ maxMemory, usedMemory, evictionPolicy: policy }) => {
      const limit = `maxmemory is ${(maxMemory / MEGABYTE).toFixed(1)} MB`;
      if (policy !== null && policy !== 'noeviction') {
        return finding(
          maxMemory > 0 ? 'error' : 'info',
          'EVICTION',
          name,
          `maxmemory-policy is ${policy} and ` +
            (maxMemory > 0
              ? `${limit}: when it is full, the server evicts held locks and grants them to other clients`
              : 'maxmemory is 0: as soon as a limit is set, the server may evict held locks'),
          'CONFIG SET maxmemory-policy noeviction, and the same line in redis.conf',
        );
      }
      if (maxMemory === 0) return [];
      const part = usedMemory / maxMemory;
      return finding(
        part < FULL ? 'info' : 'warning',
        'MEMORY_LIMIT',
        name,
        `${limit}, ${Math.round(part * 100)}% used: when it is full, the server grants no lock`,
        'raise maxmemory in time, and keep other data off these nodes',
      );
    }),
  );
}
