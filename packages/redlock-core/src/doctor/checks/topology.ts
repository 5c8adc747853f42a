import type { NodeFacts, SetFacts } from '../facts.js';
import { type DoctorFinding, finding } from '../finding.js';

/** Finds two nodes that are one server, and servers whose identity is hidden. */
export function identity({ nodes, terms }: SetFacts): readonly DoctorFinding[] {
  const owners = new Map<string, string>();
  return nodes.flatMap(({ name, servers, isBalanced }) => {
    const findings: DoctorFinding[] = [];
    const ids = servers.flatMap(({ runId }) => runId ?? []);
    const other = ids.map((id) => owners.get(id)).find((owner) => owner !== undefined);
    if (other !== undefined) {
      const message = `the same server as ${other}, so one server would have two votes of the quorum`;
      const fix = `remove ${name} from the nodes, or give the address of another server`;
      findings.push(finding('error', 'DUPLICATE_SERVER', name, message, fix));
    }
    for (const id of ids) if (!owners.has(id)) owners.set(id, name);
    const what = isBalanced
      ? 'two INFO replies show different run_ids, so a proxy spreads commands over several servers'
      : 'INFO shows no run_id, so a proxy or a managed service hides which server it is';
    if (isBalanced || ids.length < servers.length) {
      findings.push(
        finding(
          terms.quarantine === false ? 'info' : 'warning',
          'IDENTITY_UNKNOWN',
          name,
          `${what}: a restart without data would go unnoticed, so no grant counts unless quarantine is false`,
          'connect to the server itself, without the proxy; or use a server that shows its run_id',
        ),
      );
    }
    return findings;
  });
}

/** Finds servers that accept writes independently of other masters of the same data. */
export function multiMaster({ nodes }: SetFacts): readonly DoctorFinding[] {
  return nodes
    .filter(({ servers }) => servers.some(({ isMultiMaster }) => isMultiMaster))
    .map(({ name }) =>
      finding(
        'error',
        'MULTI_MASTER',
        name,
        'one of several masters of the same data (an active replica of KeyDB, or an active-active database): two of ' +
          'them can grant one lock to two clients, and agree only later',
        'use a server with one master: active-replica no, or a database that is not active-active',
      ),
    );
}

/** Finds nodes that replicate another server, above all another node. */
export function replication({ nodes }: SetFacts): readonly DoctorFinding[] {
  return nodes.flatMap((node) => {
    const replica = node.servers.find(({ isReplica }) => isReplica);
    if (!replica) return [];
    const master = nodes.find((other) => other !== node && hasData(other, replica.replicationId));
    if (master) {
      return finding(
        'error',
        'REPLICA_OF_NODE',
        node.name,
        `a replica with the data of ${master.name}, so the two are not independent: when one replaces the other, a ` +
          'lock may be granted twice',
        'REPLICAOF NO ONE, or remove it from the nodes',
      );
    }
    return finding(
      'error',
      'REPLICA',
      node.name,
      `a replica of ${replica.master}: it refuses locks, or, with replica-read-only no, loses them at the next ` +
        'synchronization',
      'REPLICAOF NO ONE, or give the address of the master; for a Sentinel group use redis+sentinel://HOST,HOST/NAME, ' +
        'or a client that asks the Sentinels',
    );
  });
}

function hasData({ servers }: NodeFacts, replicationId: string | null): boolean {
  return replicationId !== null && servers.some((server) => server.replicationId === replicationId);
}

/** Finds nodes that may grant a lock twice when a replica replaces a master. */
export function failover({ nodes, terms }: SetFacts): readonly DoctorFinding[] {
  return nodes.flatMap((node) => {
    const { name, servers, isCluster } = node;
    const findings: DoctorFinding[] = [];
    const add = (...given: Parameters<typeof finding>): unknown => findings.push(finding(...given));
    if (!isCluster && servers.some(({ isClusterMember }) => isClusterMember)) {
      add(
        'error',
        'CLUSTER_MEMBER',
        name,
        'one server of a Redis Cluster: it refuses locks on keys in slots of other servers (MOVED), and several ' +
          'servers of one Cluster are not independent',
        'use a separate server, or the whole Cluster as one node: redis+cluster://HOST,HOST, or a Cluster client',
      );
    }
    const followed = servers.filter(({ isReplica, replicas }) => !isReplica && replicas > 0);
    if (followed.some(({ isGuarded }) => !isGuarded)) {
      const promoter = promoterOf(node);
      add(
        promoter === null ? 'warning' : 'error',
        'UNGUARDED_FAILOVER',
        name,
        `replicas without min-replicas-to-write: if the master is isolated and ${promoter ?? 'an operator'} promotes ` +
          'a replica, both accept writes, and a lock may be granted twice',
        'CONFIG SET min-replicas-to-write 1 and CONFIG SET min-replicas-max-lag 5 on all its servers, and in redis.conf',
      );
    }
    if (followed.length > 0 && terms.quarantine === false) {
      add(
        'error',
        'LOSSY_FAILOVER',
        name,
        'replicas without quarantine: a promoted replica may lack the latest locks, and then grants them although ' +
          'they are held',
        'keep quarantine on in every program that uses these nodes, or use servers without replicas',
      );
    }
    return findings;
  });
}

/** What promotes a replica by itself; null: nothing known. */
function promoterOf({ servers, isWatched }: NodeFacts): string | null {
  if (servers.some(({ isClusterMember }) => isClusterMember)) return 'the Cluster';
  return isWatched ? 'a Sentinel' : null;
}

/** Finds numbers of nodes that tolerate fewer failures than they could. */
export function setSize({ nodes: { length } }: SetFacts): readonly DoctorFinding[] {
  const findings: DoctorFinding[] = [];
  if (length < 3) {
    const message = `${length} of at least 3 nodes: if one fails, no lock can be acquired`;
    const fix = 'use three or five nodes if locks must be available while one is down';
    findings.push(finding('warning', 'FEW_NODES', null, message, fix));
  }
  if (length % 2 === 0) {
    const message = `${length} nodes tolerate as many failures as ${length - 1} do, and each lock needs one vote more`;
    const fix = 'add one node or remove one, in the list of every process';
    findings.push(finding('warning', 'EVEN_NODES', null, message, fix));
  }
  return findings;
}

const LOCAL = /^(?:localhost|127\.\d+\.\d+\.\d+|::1|\[::1\])$/i;

/** Finds nodes that fail together with their host. It knows hosts by names of nodes of the form host:port. */
export function hosts({ nodes }: SetFacts): readonly DoctorFinding[] {
  const byHost = new Map<string, string[]>();
  for (const { name } of nodes) {
    const [, host] = /^(.+):\d+$/.exec(name) ?? [];
    if (host === undefined) continue;
    const id = LOCAL.test(host) ? 'localhost' : host;
    byHost.set(id, [...(byHost.get(id) ?? []), name]);
  }
  return [...byHost]
    .filter(([, names]) => names.length > 1)
    .map(([host, names]) => {
      const message = `${names.length} nodes are on ${host} and fail together with it: ${names.join(', ')}`;
      const fix = 'in production, give each node a machine and a power supply of its own';
      return finding('info', 'SHARED_HOST', null, message, fix);
    });
}

const UPGRADE = 'use Redis 7.0 or later, or Valkey';

/** Finds servers that are too old or not supported. */
export function version({ nodes }: SetFacts): readonly DoctorFinding[] {
  return nodes.flatMap(({ name, servers }) =>
    servers.flatMap(({ version: text, dragonfly }) => {
      if (dragonfly !== null) {
        const message = `Dragonfly ${dragonfly}: the library is not tested on it`;
        return finding('warning', 'UNSUPPORTED_SERVER', name, message, UPGRADE);
      }
      const [, major, minor] = /^(\d+)\.(\d+)/.exec(text ?? '') ?? [];
      if (major === undefined || Number(major) >= 7) return [];
      if (Number(major) === 6 && Number(minor) >= 2) {
        const message = `Redis ${text}, without PEXPIRE GT and SET NX GET, so the scripts send more commands`;
        return finding('info', 'OLD_VERSION', name, message, UPGRADE);
      }
      const message = `Redis ${text} is not supported: commands that locks need may be missing before 6.2`;
      return finding('error', 'OLD_VERSION', name, message, UPGRADE);
    }),
  );
}
