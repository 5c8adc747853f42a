import type { Check, FindingLevel } from '../check.js';
import type { NodeFacts, ServerInfo, Terms } from '../facts.js';

const APPEND =
  'CONFIG SET appendonly yes and CONFIG SET appendfsync always, and the same lines in redis.conf';
const STRICT = "quarantine: 'strict' in every program that uses these nodes";

interface Loss {
  readonly level: FindingLevel;
  readonly effect: (quarantineTime: number) => string;
  readonly fix: string;
}

/** What it means, with each `quarantine`, that a server loses locks when it restarts. */
const LOSSES: Readonly<Record<`${Terms['quarantine']}`, Loss>> = {
  false: {
    level: 'error',
    effect: () => 'without quarantine, the server then grants locks that are held',
    fix: `${APPEND}; or keep quarantine on, ${STRICT}`,
  },
  true: {
    level: 'warning',
    effect: (ms) =>
      `its grants then do not count for ${ms} ms, but a process that starts after the restart does not notice it, ` +
      'and may take a held lock',
    fix: `${APPEND}; or set ${STRICT}`,
  },
  strict: {
    level: 'info',
    effect: (ms) => `its grants then do not count for ${ms} ms`,
    fix: `${APPEND}; no vote is then missing after a restart`,
  },
};

/** Finds that servers may lose locks when they restart. */
function loss(what: (node: NodeFacts) => string | false | undefined): Check {
  return {
    level: 'warning',
    fix: APPEND,
    node(node, { terms }) {
      const found = node.servers.length > 0 && what(node);
      const { level, effect, fix } = LOSSES[`${terms.quarantine}`];
      return found && { level, message: `${found}: ${effect(terms.quarantineTime)}`, fix };
    },
  };
}

function hasAppendOnlyFile({ servers }: NodeFacts): boolean {
  return servers.every((server) => server.get('aof_enabled') === '1');
}

/** The part of maxmemory from which a server counts as short of memory. */
const FULL = 0.8;

function memoryOf(server: ServerInfo): { max: number; limit: string } {
  const max = Number(server.get('maxmemory') ?? 0);
  return { max, limit: `maxmemory is ${(max / 1024 / 1024).toFixed(1)} MB` };
}

function evictionOf(server: ServerInfo): string | null {
  const policy = server.get('maxmemory_policy') ?? 'noeviction';
  return policy === 'noeviction' ? null : policy;
}

/** Whether servers keep locks when they restart, and when memory is short. */
export const STORAGE = {
  NO_PERSISTENCE: loss(
    (node) =>
      !hasAppendOnlyFile(node) &&
      'no append-only file, so all locks are lost when the server restarts',
  ),
  RELAXED_FSYNC: loss((node) => {
    const relaxed = node.fsyncs.find((fsync) => fsync !== 'always');
    return (
      relaxed !== undefined &&
      hasAppendOnlyFile(node) &&
      `appendfsync is ${relaxed}, so the latest locks are lost when the machine fails`
    );
  }),
  UNKNOWN_FSYNC: {
    level: 'info',
    fix: 'check it as an administrator: CONFIG GET appendfsync',
    node(node, { terms: { quarantine, quarantineTime } }) {
      const { servers, fsyncs } = node;
      const isKnown = fsyncs.length > 0 || servers.length === 0 || !hasAppendOnlyFile(node);
      if (isKnown || quarantine === 'strict') return null;
      return {
        level: quarantine ? 'info' : 'warning',
        message:
          'the user has no right to CONFIG GET appendfsync; unless it is always, the latest locks are lost when the ' +
          `machine fails: ${LOSSES[`${quarantine}`].effect(quarantineTime)}`,
      };
    },
  },
  EVICTION: {
    level: 'error',
    fix: 'CONFIG SET maxmemory-policy noeviction, and the same line in redis.conf',
    server(server) {
      const policy = evictionOf(server);
      const { max, limit } = memoryOf(server);
      if (policy === null) return null;
      return max > 0
        ? `maxmemory-policy is ${policy} and ${limit}: when it is full, the server evicts held locks and grants them ` +
            'to other clients'
        : {
            level: 'info',
            message: `maxmemory-policy is ${policy} and maxmemory is 0: as soon as a limit is set, the server may evict held locks`,
          };
    },
  },
  MEMORY_LIMIT: {
    level: 'info',
    fix: 'raise maxmemory in time, and keep other data off these nodes',
    server(server) {
      const { max, limit } = memoryOf(server);
      if (max === 0 || evictionOf(server) !== null) return null;
      const part = Number(server.get('used_memory') ?? 0) / max;
      return {
        level: part < FULL ? 'info' : 'warning',
        message: `${limit}, ${Math.round(part * 100)}% used: when it is full, the server grants no lock`,
      };
    },
  },
} satisfies Readonly<Record<string, Check>>;
