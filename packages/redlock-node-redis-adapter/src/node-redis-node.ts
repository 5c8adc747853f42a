import type { RedisNode } from 'redlock-core';
import {
  keyRange,
  type NodeOptions,
  nodeOptionsOf,
  perClient,
  requireClient,
  Subscriptions,
} from 'redlock-core/adapter';
import type {
  AnyClient,
  KeyPrefixed,
  NodeRedisClient,
  NodeRedisCluster,
  NodeRedisSentinel,
} from './client.js';
import { Connections, reconnect } from './connections.js';
import { subscriberOf } from './subscriber-of.js';

export type NodeRedisNodeOptions = NodeOptions;

const subscriptionsOf = perClient(
  (client: AnyClient) => new Subscriptions(subscriberOf(Connections.of(client).deployment)),
);

/**
 * Makes a node of a node-redis client for a standalone server, a Sentinel group or a Cluster. Each is one vote. The
 * client remains the caller's, who closes it.
 * @param options may also be the position that `map` passes: `clients.map(nodeRedisNode)`
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
 * const redlock = new Redlock(clients.map(nodeRedisNode));
 * ```
 */
export function nodeRedisNode(
  client: NodeRedisClient | NodeRedisCluster | NodeRedisSentinel,
  options?: NodeRedisNodeOptions | number,
): RedisNode {
  requireClient(client, 'nodeRedis');
  const { name, timeout } = nodeOptionsOf(options);
  const connections = Connections.of(client);
  const { deployment } = connections;
  const subscriptions = subscriptionsOf(client);
  const prefix = String((client as KeyPrefixed)._keyPrefix ?? '');
  const replace = (master: string): void => {
    const server = deployment.server(master);
    if (server) reconnect(server);
  };
  return {
    name: name ?? deployment.name,
    client,
    timeout,
    keyPrefix: prefix,
    get ready() {
      connections.watch();
      return deployment.isReady;
    },
    get lastError() {
      return connections.lastError;
    },
    async call(args) {
      const command = withPrefix(args, prefix);
      const reply = await deployment.send(command, firstKey(command), connections.options);
      // The reply may have come from a server that nobody knew before.
      connections.watch();
      return reply;
    },
    ...(deployment.isCluster && {
      cluster: {
        callMasters: (args) =>
          Promise.all(
            deployment
              .servers()
              .map((server) => server.sendCommand([...args], connections.options)),
          ),
        masterOf: (slot) => deployment.masterOf?.(slot),
        reconnect: replace,
      },
    }),
    connect: () => void connections.connect(),
    onReady: (listener) => connections.onEstablished(listener),
    subscribe: (...given) => subscriptions.subscribe(...given),
    reconnect: () => replace(''),
  };
}

/** Puts the client's own prefix before keys. The client itself does so only for commands that it puts together. */
function withPrefix(args: readonly string[], prefix: string): string[] {
  if (!prefix) return [...args];
  const { start, end } = keyRange(args);
  return args.map((arg, index) => (index >= start && index < end ? prefix + arg : arg));
}

function firstKey(args: readonly string[]): string | undefined {
  const { start, end } = keyRange(args);
  return end > start ? args[start] : undefined;
}
