import { createClient, type RedisClientOptions } from 'redis';
import type { RedisNode } from 'redlock-core';
import { defineNode, type NodeOptions, nodeOptionsOf, parseNodeUrl } from 'redlock-core/adapter';
import type { NodeRedisClient, NodeRedisCluster, NodeRedisSentinel } from './client.js';
import { Connections } from './connections.js';

export type {
  ClusterMaster as NodeRedisClusterMaster,
  CommandOptions as NodeRedisCommandOptions,
  NodeRedisClient,
  NodeRedisCluster,
  NodeRedisSentinel,
} from './client.js';

export type NodeRedisNodeOptions = NodeOptions;

/** The options of {@link nodeRedisNodeFromUrl}. */
export interface NodeRedisUrlOptions extends NodeRedisNodeOptions {
  /** Options that are passed on to the client, in place of the recommended ones: `{ socket: { ca } }`, for example. */
  client?: Omit<RedisClientOptions, 'url'> | undefined;
}

/**
 * Makes a node of a node-redis client for a standalone server, a Sentinel group or a Cluster. Each is one vote. The
 * client remains the caller's, who closes it.
 * @throws TypeError if it is no such client, or for bad options
 * @example
 * ```ts
 * import { createClient } from 'redis';
 * import { Redlock } from 'redlock-core';
 * import { nodeRedisNode } from 'redlock-node-redis-adapter';
 *
 * const urls = ['redis://redis-1', 'redis://redis-2', 'redis://redis-3'];
 * const clients = urls.map((url) => createClient({ url, disableOfflineQueue: true }));
 * for (const client of clients) client.on('error', () => {}); // otherwise an error ends the process
 * const redlock = new Redlock(clients.map((client) => nodeRedisNode(client)));
 * ```
 */
export const nodeRedisNode: (
  client: NodeRedisClient | NodeRedisCluster | NodeRedisSentinel,
  options?: NodeRedisNodeOptions,
) => RedisNode = defineNode((client, reports) => new Connections(client, reports));

/**
 * Makes a node with its own client, which `close()` of the Redlock closes. The client connects when it is first needed.
 * @param url `redis://`, `rediss://`, `valkey://` or `valkeys://`, with user, password and the number of a database if
 * needed
 * @throws TypeError if it is no such URL, or for bad options
 * @example
 * ```ts
 * import { Redlock } from 'redlock-core';
 * import { nodeRedisNodeFromUrl } from 'redlock-node-redis-adapter';
 *
 * const urls = ['redis://redis-1:6379', 'redis://redis-2:6379', 'redis://redis-3:6379'];
 * const redlock = new Redlock(urls.map((url) => nodeRedisNodeFromUrl(url)));
 * ```
 */
export function nodeRedisNodeFromUrl(url: string, options?: NodeRedisUrlOptions): RedisNode {
  const { client: own, ...others } = nodeOptionsOf<NodeRedisUrlOptions>(options, ['client']);
  const client = createClient({
    // Queue nothing: a lock must not be taken after its caller has given up.
    disableOfflineQueue: true,
    ...own,
    url: parseNodeUrl(url),
    socket: {
      reconnectStrategy: (retries: number) => Math.min(50 * retries, 1000),
      ...own?.socket,
    } as NonNullable<RedisClientOptions['socket']>,
  });
  // The core reports connection errors, node by node; without a listener, an error ends the process.
  client.on('error', () => {});
  return Object.assign(nodeRedisNode(client, others), {
    close: async () => {
      if (client.isOpen) client.destroy();
    },
  });
}
