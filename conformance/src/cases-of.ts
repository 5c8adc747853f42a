import { adapterConformance, type ConformanceCase } from 'redlock-core/testing';
import type { Subject } from './subject.js';
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
  return adapterConformance({
    without: { ...ofTopology[topology], ...subject.without },
    server: () => deployment().server(),
    connect: (target) => subject.connect(topology, target, deployment().entrances),
  });
}
