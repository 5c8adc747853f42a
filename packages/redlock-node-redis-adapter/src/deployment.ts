import type { CommandOptions, NodeRedisClient } from './client.js';

/** What the three kinds of client have in common: a server, a Sentinel group or a Cluster. */
export interface Deployment {
  readonly name: string;
  readonly isCluster: boolean;
  readonly isReady: boolean;
  /** The clients of its masters, as far as they are known. */
  servers(): readonly NodeRedisClient[];
  /** The master that has a slot of a Cluster, by its address. */
  masterOf?(slot: number): string | undefined;
  /** The client of a master; on a Cluster, of the one with this address. */
  server(master: string): NodeRedisClient | undefined;
  /** @param key decides on a Cluster's server */
  send(args: string[], key: string | undefined, options: CommandOptions): Promise<unknown>;
  /** Connects, where this was not done yet, and learns who the master is. */
  connect(): Promise<unknown>;
}
