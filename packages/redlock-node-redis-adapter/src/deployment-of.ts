import type { AnyClient, NodeRedisClient, NodeRedisSentinel } from './client.js';
import { cluster } from './cluster.js';
import type { Deployment } from './deployment.js';
import { sentinel } from './sentinel.js';
import { standalone } from './standalone.js';

/** The deployment that a client is for. */
export function deploymentOf(client: AnyClient): Deployment {
  if ('masters' in client) return cluster(client);
  const isSentinel = '_execute' in client;
  return isSentinel ? sentinel(client as NodeRedisSentinel) : standalone(client as NodeRedisClient);
}
