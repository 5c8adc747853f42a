import { Redis } from 'ioredis';
import type { RedisNode } from 'redlock-core';
import { ioredisNode, type IoredisNodeOptions } from './ioredis-node.js';

/**
 * Makes a node with a client of its own, which `close()` of the Redlock closes. The client connects
 * when it is first needed.
 * @param url `redis://` or `rediss://`, with user, password and db where needed
 * @param options may be the position that `map` passes: `urls.map(ioredisNodeFromUrl)`
 * @throws TypeError where it is no such URL
 */
export function ioredisNodeFromUrl(url: string, options?: IoredisNodeOptions | number): RedisNode {
  requireRedisUrl(url);
  const client = new Redis(url, {
    lazyConnect: true,
    // A lock that its caller has given up must not be taken later: nothing is queued or sent again.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    // Closing while a server is away must not keep the process for the default of 2 s.
    disconnectTimeout: 100,
    // A node that is back should vote again soon.
    retryStrategy: (times) => Math.min(50 * times, 1000),
  });
  // The core tells about connection trouble, node by node; ioredis would print it.
  client.on('error', () => {});
  return Object.assign(ioredisNode(client, options), {
    close: async () => client.disconnect(),
  });
}

function requireRedisUrl(url: string): void {
  if (typeof url === 'string' && URL.canParse(url)) {
    const { protocol, hostname } = new URL(url);
    if (['redis:', 'rediss:'].includes(protocol) && hostname) return;
  }
  // The URL itself may hold a password.
  throw new TypeError('A node URL must look like redis://host:port or rediss://host:port');
}
