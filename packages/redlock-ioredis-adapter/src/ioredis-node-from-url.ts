import { Redis } from 'ioredis';
import type { RedisNode } from 'redlock-core';
import { ioredisNode, type IoredisNodeOptions } from './ioredis-node.js';
import { requireNodeUrl } from './node-url.js';

/**
 * Makes a node with a client of its own, which `close()` of the Redlock closes. The client connects when it is first
 * needed.
 * @param url `redis://` or `rediss://`, with user, password and the number of a database if needed
 * @param options may also be the position that `map` passes: `urls.map(ioredisNodeFromUrl)`
 * @throws TypeError if it is no such URL, or for bad options
 * @example
 * ```ts
 * import { Redlock } from 'redlock-core';
 * import { ioredisNodeFromUrl } from 'redlock-ioredis-adapter';
 *
 * const urls = ['redis://redis-1:6379', 'redis://redis-2:6379', 'redis://redis-3:6379'];
 * const redlock = new Redlock(urls.map(ioredisNodeFromUrl));
 * ```
 */
export function ioredisNodeFromUrl(url: string, options?: IoredisNodeOptions | number): RedisNode {
  requireNodeUrl(url);
  const client = new Redis(url, {
    lazyConnect: true,
    // Queue nothing and send nothing again: a lock must not be taken after its caller has given up.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    // Otherwise the process would wait the default of 2 s if the client is closed while its server is away.
    disconnectTimeout: 100,
    // A node that is back should vote again soon.
    retryStrategy: (times) => Math.min(50 * times, 1000),
  });
  // The core reports connection trouble, node by node; ioredis would print it.
  client.on('error', () => {});
  return Object.assign(ioredisNode(client, options), {
    close: async () => client.disconnect(),
  });
}
