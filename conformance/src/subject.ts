import type {
  ConformanceOptions,
  ConformanceTarget,
  ConnectedNode,
  ServerAddress,
} from 'redlock-core/testing';
import type { Topology } from './topology.js';

/** A client and its adapter. */
export interface Subject {
  readonly adapter: string;
  readonly client: string;
  readonly topologies: readonly Topology[];
  readonly without: ConformanceOptions['without'];
  /** @param entrances Sentinels, or the servers of a Cluster */
  connect(
    topology: Topology,
    target: ConformanceTarget,
    entrances: readonly ServerAddress[],
  ): Promise<ConnectedNode>;
}
