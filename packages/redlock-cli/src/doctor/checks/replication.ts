import type { Finding } from '../diagnosis.js';
import type { NodeFacts } from '../facts/node-facts.js';
import type { Check } from './check.js';

/** Finds nodes that replicate another server, above all another node. */
export const replication: Check = ({ nodes }) =>
  nodes.flatMap((node): Finding[] => {
    const replica = node.servers.find(({ isReplica }) => isReplica);
    if (!replica) return [];
    const kin = nodes.find((other) => other !== node && isKin(other, replica.replicationId));
    const { name } = node;
    if (kin) {
      return [
        {
          level: 'unsound',
          code: 'REPLICA_OF_NODE',
          node: name,
          message:
            `it has the data of ${kin.name}, so the two are not independent: when one takes the place of the other, ` +
            'a lock may be granted twice',
          remedy: 'REPLICAOF NO ONE, or remove it from the nodes',
        },
      ];
    }
    return [
      {
        level: 'unsound',
        code: 'REPLICA',
        node: name,
        message:
          `it is a replica of ${replica.master}: it refuses locks, or, with replica-read-only no, loses them when ` +
          'it is synchronised',
        remedy:
          'REPLICAOF NO ONE, or give the address of the master; reach a Sentinel group by a client that asks the Sentinels',
      },
    ];
  });

function isKin({ servers }: NodeFacts, replicationId: string | null): boolean {
  return replicationId !== null && servers.some((server) => server.replicationId === replicationId);
}
