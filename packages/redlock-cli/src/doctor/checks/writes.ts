import type { Check } from './check.js';

const REMEDIES: Readonly<Record<string, string>> = {
  OOM: 'CONFIG SET maxmemory to more, or remove data that are no locks',
  MISCONF: 'make room on the disk of the server; its log says why it cannot write',
  NOREPLICAS: 'connect replicas again, as many as min-replicas-to-write says',
  LOADING: 'wait until the server has loaded its data',
  BUSY: 'end the script that blocks the server: SCRIPT KILL',
  CLUSTERDOWN: 'bring the masters of the Cluster back; CLUSTER INFO says what is missing',
};

/** Finds servers that refuse writes, whoever asks. Other checks tell of replicas and of members of a Cluster. */
export const writes: Check = ({ nodes }) =>
  nodes.flatMap(({ name, refusal, servers, isCluster }) => {
    if (refusal === null) return [];
    const isTold = servers.some(({ isReplica, isClusterMember }) => {
      return isReplica || (isClusterMember && !isCluster);
    });
    if (isTold) return [];
    const { code, message } = refusal;
    return [
      {
        level: 'warning',
        code: 'REFUSED',
        node: name,
        message: `it does not do what a lock needs (${message.startsWith(code) ? message : `${code}: ${message}`})`,
        remedy: REMEDIES[code] ?? "mend what the server's message says",
      },
    ];
  });
