import {
  adapterConformance,
  type ConformanceCase,
  type ConformanceServer,
  type ConformanceTarget,
} from 'redlock-core/conformance';
import type { OpenClient, Subject } from './subject.js';
import type { Deployment, Topology } from './topology.js';

const ofTopology = {
  standalone: {},
  sentinel: { users: 'Sentinel groups are set up with their users' },
  cluster: { users: 'Clusters are set up with their users', db: 'a Cluster has one only' },
};

/** @param deployment asked for when the first case is run */
export function casesOf(
  subject: Subject,
  topology: Topology,
  deployment: () => Deployment,
): ConformanceCase[] {
  let server: ConformanceServer | undefined;
  const open = (target: ConformanceTarget): Promise<OpenClient> => {
    const isServer = target.host === server?.host && target.port === server.port;
    // Any other is a Sentinel, or of a Cluster, as far as a client can tell.
    return subject.open(topology, target, isServer ? deployment().entrances : [target]);
  };
  return adapterConformance({
    without: { ...ofTopology[topology], ...subject.without(topology) },
    server: async () => (server = await deployment().server()),
    async connect(target) {
      const client = await open(target);
      return { node: client.node(), close: () => client.close() };
    },
    async connectPlain(target) {
      const client = await open(target);
      client.connect().catch(() => {});
      return () => client.close();
    },
  });
}
