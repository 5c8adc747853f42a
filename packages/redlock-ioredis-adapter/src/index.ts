import { Redis, type RedisOptions } from 'ioredis';
import type { RedisNode } from 'redlock-core';
import { nodeOptionsOf, parseNodeUrl } from 'redlock-core/adapter';
import { ioredisNode, type IoredisNodeOptions } from './ioredis-node.js';

export type { IoredisClient } from './client.js';
export { ioredisNode, type IoredisNodeOptions };

/** The options of {@link ioredisNodeFromUrl}. */
export interface IoredisUrlOptions extends IoredisNodeOptions {
  /** Options that are passed on to the client, in place of the recommended ones: `{ tls: { ca } }`, for example. */
  client?: Omit<RedisOptions, 'replyMapping'> | undefined;
}

/** The client options that suit a lock: a node that is unreachable fails at once, and votes again soon after. */
export const RECOMMENDED_OPTIONS = {
  // Queue nothing and send nothing again: a lock must not be taken after its caller has given up.
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  // Without this, the process waits 2 s if the client is closed while its server is unreachable.
  disconnectTimeout: 100,
  retryStrategy: (times: number): number => Math.min(50 * times, 1000),
} as const satisfies RedisOptions;

/**
 * Makes a node with its own client, which `close()` of the Redlock closes. The client connects when it is first needed.
 * @param url `redis://`, `rediss://`, `valkey://` or `valkeys://`, with user, password and the number of a database if
 * needed
 * @throws TypeError if it is no such URL, or for bad options
 * @example
 * ```ts
 * import { Redlock } from 'redlock-core';
 * import { ioredisNodeFromUrl } from 'redlock-ioredis-adapter';
 *
 * const urls = ['redis://redis-1:6379', 'redis://redis-2:6379', 'redis://redis-3:6379'];
 * const redlock = new Redlock(urls.map((url) => ioredisNodeFromUrl(url)));
 * ```
 */
export function ioredisNodeFromUrl(url: string, options?: IoredisUrlOptions): RedisNode {
  const { client: own, ...others } = nodeOptionsOf<IoredisUrlOptions>(options, ['client']);
  const terms: Omit<RedisOptions, 'replyMapping'> = {
    ...RECOMMENDED_OPTIONS,
    ...own,
    lazyConnect: true,
  };
  const client = new Redis(parseNodeUrl(url), terms);
  // The core reports connection errors, node by node; ioredis would print them.
  client.on('error', () => {});
  return Object.assign(ioredisNode(client, others), {
    close: async () => client.disconnect(),
  });
}
