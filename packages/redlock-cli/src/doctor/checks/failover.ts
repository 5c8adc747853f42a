import type { Finding } from '../diagnosis.js';
import type { NodeFacts } from '../facts/node-facts.js';
import type { Check } from './check.js';

/** Finds nodes that may grant a lock twice when a replica takes the place of a master. */
export const failover: Check = ({ nodes, terms }) =>
  nodes.flatMap((node): Finding[] => {
    const { name, servers, isCluster } = node;
    const findings: Finding[] = [];
    if (!isCluster && servers.some(({ isClusterMember }) => isClusterMember)) {
      findings.push({
        level: 'unsound',
        code: 'CLUSTER_MEMBER',
        node: name,
        message:
          'it is one server of a Redis Cluster, and refuses locks on keys in slots of other servers (MOVED); ' +
          'several servers of one Cluster are not independent either',
        remedy:
          'give a server of its own; in a program, make one node of a Cluster client, for the whole Cluster',
      });
    }
    const followed = servers.filter(({ isReplica, replicas }) => !isReplica && replicas > 0);
    if (followed.some(({ isGuarded }) => !isGuarded)) {
      const who = whoPromotes(node);
      findings.push({
        level: who === null ? 'warning' : 'unsound',
        code: 'UNGUARDED_FAILOVER',
        node: name,
        message:
          `it has replicas and no min-replicas-to-write: if it is cut off and ${who ?? 'somebody'} promotes a ` +
          'replica, both take writes, and a lock may be granted twice',
        remedy:
          'CONFIG SET min-replicas-to-write 1 and CONFIG SET min-replicas-max-lag 5 on all its servers, and in ' +
          'redis.conf',
      });
    }
    if (followed.length > 0 && terms.quarantine === false) {
      findings.push({
        level: 'unsound',
        code: 'FORGETFUL_FAILOVER',
        node: name,
        message:
          'it has replicas, and there is no quarantine: a replica that is promoted may lack the latest locks, and ' +
          'then grants them although they are held',
        remedy:
          'leave quarantine on in every program that uses these nodes, or use servers without replicas',
      });
    }
    return findings;
  });

/** Null: nothing is known that would promote a replica by itself. */
function whoPromotes({ servers, isWatched }: NodeFacts): string | null {
  if (servers.some(({ isClusterMember }) => isClusterMember)) return 'the Cluster';
  return isWatched ? 'a Sentinel' : null;
}
