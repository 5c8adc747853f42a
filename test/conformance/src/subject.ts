import type { EventEmitter } from 'node:events';
import type { RedisNode } from 'redlock-core';
import type {
  ConformanceOptions,
  ConformanceTarget,
  ServerAddress,
} from 'redlock-core/conformance';
import type { Topology } from './topology.js';

/** A client and its adapter. */
export interface Subject {
  readonly adapter: string;
  readonly client: string;
  readonly topologies: readonly Topology[];
  without(topology: Topology): ConformanceOptions['without'];
  /** @param entrances Sentinels, or the servers of a Cluster */
  open(
    topology: Topology,
    target: ConformanceTarget,
    entrances: readonly ServerAddress[],
  ): Promise<OpenClient>;
}

export interface OpenClient {
  /** Makes one more node of the client. */
  node(): RedisNode;
  /** Connects a lazy client, as its user does who has no adapter. */
  connect(): Promise<unknown>;
  /** The client, and those that it has for the servers that it knows, as far as they emit events. */
  emitters(): readonly EventEmitter[];
  close(): unknown;
}
