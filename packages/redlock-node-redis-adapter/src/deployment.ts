import type { CommandOptions, NodeRedisClient } from './client.js';

/** A server, a Sentinel group or a Cluster: what the three kinds of client have in common. */
export interface Deployment {
  readonly name: string;
  readonly isCluster: boolean;
  readonly isReady: boolean;
  /** The clients of the masters, as far as they are known. */
  servers(): readonly NodeRedisClient[];
  /** On a Cluster: the address of the master that has a slot. */
  masterOf?(slot: number): string | undefined;
  /** The client of the master; on a Cluster, of the one with this address. */
  server(master: string): NodeRedisClient | undefined;
  /**
   * Sends a command.
   * @param key decides which server of a Cluster it goes to
   */
  send(args: string[], key: string | undefined, options: CommandOptions): Promise<unknown>;
  /** Connects if that was not done yet, and learns which server is the master. */
  connect(): Promise<unknown>;
}
