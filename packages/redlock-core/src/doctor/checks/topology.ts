import type { Check } from '../check.js';
import type { NodeFacts, ServerInfo } from '../facts.js';

export function isReplica(server: ServerInfo): boolean {
  return server.get('role') === 'slave';
}

/** Whether a server belongs to a Cluster that is not the node as a whole. */
export function isMember(server: ServerInfo, { isCluster }: NodeFacts): boolean {
  return !isCluster && isInCluster(server);
}

function isInCluster(server: ServerInfo): boolean {
  return server.get('cluster_enabled') === '1';
}

function hasReplicas(server: ServerInfo): boolean {
  return !isReplica(server) && Number(server.get('connected_slaves') ?? 0) > 0;
}

/** What promotes a replica by itself; null: nothing known. */
function promoterOf(server: ServerInfo, { isWatched }: NodeFacts): string | null {
  return isInCluster(server) ? 'the Cluster' : isWatched ? 'a Sentinel' : null;
}

/**
 * Another node with the data of this replica. A proxy may hide the address of its master, and until its first
 * synchronization ends, the replica does not have the data.
 */
function masterOf(
  replica: ServerInfo,
  node: NodeFacts,
  nodes: readonly NodeFacts[],
): NodeFacts | undefined {
  const id = replica.get('master_replid');
  const isMaster = ({ name, servers }: NodeFacts): boolean =>
    name === addressOfMaster(replica) ||
    servers.some((server) => id !== undefined && server.get('master_replid') === id);
  return nodes.find((other) => other !== node && isMaster(other));
}

function addressOfMaster(replica: ServerInfo): string {
  return `${replica.get('master_host')}:${replica.get('master_port')}`;
}

const LOCAL = /^(?:localhost|127\.\d+\.\d+\.\d+|::1|\[::1\])$/i;
const UPGRADE = 'use Redis 7.0 or later, or Valkey';

/** Whether nodes are independent servers, each with one master, of a version that is supported. */
export const TOPOLOGY = {
  DUPLICATE_SERVER: {
    level: 'error',
    fix: 'remove the node, or give the address of another server',
    server(server, node, { nodes }) {
      const id = server.get('run_id');
      const first = nodes.find(({ servers }) =>
        servers.some((other) => other.get('run_id') === id),
      );
      if (id === undefined || !first || first === node) return null;
      return `the same server as ${first.name}, so one server would have two votes of the quorum`;
    },
  },
  IDENTITY_UNKNOWN: {
    level: 'warning',
    fix: 'connect to the server itself, without the proxy; or use a server that shows its run_id',
    node({ servers, isBalanced }, { terms }) {
      if (!isBalanced && servers.every((server) => server.has('run_id'))) return null;
      const what = isBalanced
        ? 'two INFO replies show different run_ids, so a proxy spreads commands over several servers'
        : 'INFO shows no run_id, so a proxy or a managed service hides which server it is';
      return {
        level: terms.quarantine === false ? 'info' : 'warning',
        message: `${what}: a restart without data would go unnoticed, so no grant counts unless quarantine is false`,
      };
    },
  },
  MULTI_MASTER: {
    level: 'error',
    fix: 'use a server with one master: active-replica no, or a database that is not active-active',
    server: (server) =>
      // KeyDB, and the module of active-active databases of Redis Enterprise.
      (server.get('role') === 'active-replica' || server.has('module:name=crdt')) &&
      'one of several masters of the same data (an active replica of KeyDB, or an active-active database): two of ' +
        'them can grant one lock to two clients, and agree only later',
  },
  REPLICA_OF_NODE: {
    level: 'error',
    fix: 'REPLICAOF NO ONE, or remove it from the nodes',
    server(server, node, { nodes }) {
      const master = isReplica(server) && masterOf(server, node, nodes);
      return (
        master &&
        `a replica with the data of ${master.name}, so the two are not independent: when one replaces the other, a ` +
          'lock may be granted twice'
      );
    },
  },
  REPLICA: {
    level: 'error',
    fix:
      'REPLICAOF NO ONE, or give the address of the master; for a Sentinel group use redis+sentinel://HOST,HOST/NAME, ' +
      'or a client that asks the Sentinels',
    server: (server, node, { nodes }) =>
      isReplica(server) &&
      !masterOf(server, node, nodes) &&
      `a replica of ${addressOfMaster(server)}: it refuses locks, or, with ` +
        'replica-read-only no, loses them at the next synchronization',
  },
  CLUSTER_MEMBER: {
    level: 'error',
    fix: 'use a separate server, or the whole Cluster as one node: redis+cluster://HOST,HOST, or a Cluster client',
    server: (server, node) =>
      isMember(server, node) &&
      'one server of a Redis Cluster: it refuses locks on keys in slots of other servers (MOVED), and several ' +
        'servers of one Cluster are not independent',
  },
  UNGUARDED_FAILOVER: {
    level: 'warning',
    fix: 'CONFIG SET min-replicas-to-write 1 and CONFIG SET min-replicas-max-lag 5 on all its servers, and in redis.conf',
    server(server, node) {
      // The field is there only if min-replicas-to-write and min-replicas-max-lag are set.
      if (!hasReplicas(server) || server.has('min_slaves_good_slaves')) return null;
      const promoter = promoterOf(server, node);
      return {
        level: promoter === null ? 'warning' : 'error',
        message:
          `replicas without min-replicas-to-write: if the master is isolated and ${promoter ?? 'an operator'} promotes ` +
          'a replica, both accept writes, and a lock may be granted twice',
      };
    },
  },
  LOSSY_FAILOVER: {
    level: 'error',
    fix: 'keep quarantine on in every program that uses these nodes, or use servers without replicas',
    server: (server, _, { terms }) =>
      hasReplicas(server) &&
      terms.quarantine === false &&
      'replicas without quarantine: a promoted replica may lack the latest locks, and then grants them although ' +
        'they are held',
  },
  FEW_NODES: {
    level: 'warning',
    fix: 'use three or five nodes if locks must be available while one is down',
    set: ({ nodes: { length } }) =>
      length < 3 && `${length} of at least 3 nodes: if one fails, no lock can be acquired`,
  },
  EVEN_NODES: {
    level: 'warning',
    fix: 'add one node or remove one, in the list of every process',
    set: ({ nodes: { length } }) =>
      length % 2 === 0 &&
      `${length} nodes tolerate as many failures as ${length - 1} do, and each lock needs one vote more`,
  },
  SHARED_HOST: {
    level: 'info',
    fix: 'in production, give each node a machine and a power supply of its own',
    // Knows the hosts of nodes whose names are host:port.
    set({ nodes }) {
      const byHost = new Map<string, string[]>();
      for (const { name } of nodes) {
        const [, host] = /^(.+):\d+$/.exec(name) ?? [];
        if (host === undefined) continue;
        const id = LOCAL.test(host) ? 'localhost' : host;
        byHost.set(id, [...(byHost.get(id) ?? []), name]);
      }
      return Array.from(
        byHost,
        ([host, names]) =>
          names.length > 1 &&
          `${names.length} nodes are on ${host} and fail together with it: ${names.join(', ')}`,
      );
    },
  },
  OLD_VERSION: {
    level: 'error',
    fix: UPGRADE,
    server(server) {
      const version = server.get('redis_version') ?? '';
      const [, major, minor] = /^(\d+)\.(\d+)/.exec(version) ?? [];
      if (major === undefined || Number(major) >= 7 || server.has('dragonfly_version')) return null;
      if (Number(major) < 6 || Number(minor) < 2) {
        return `Redis ${version} is not supported: commands that locks need may be missing before 6.2`;
      }
      const message = `Redis ${version}, without PEXPIRE GT and SET NX GET, so the scripts send more commands`;
      return { level: 'info', message };
    },
  },
  UNSUPPORTED_SERVER: {
    level: 'warning',
    fix: UPGRADE,
    server: (server) =>
      server.has('dragonfly_version') &&
      `Dragonfly ${server.get('dragonfly_version')}: the library is not tested on it`,
  },
} satisfies Readonly<Record<string, Check>>;
