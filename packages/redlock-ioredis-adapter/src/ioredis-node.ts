import type { RedisNode } from 'redlock-core';
import {
  type NodeOptions,
  nodeOptionsOf,
  perClient,
  requireClient,
  Subscriptions,
} from 'redlock-core/adapter';
import type { ClientInternals, IoredisClient } from './client.js';
import { senderOf } from './command-sender.js';
import { Connection } from './connection.js';
import { Masters } from './masters.js';
import { subscriberOf } from './subscriber-of.js';

export type IoredisNodeOptions = NodeOptions;

const subscriptionsOf = perClient(
  (client: IoredisClient) => new Subscriptions(subscriberOf(client)),
);

/**
 * Makes a node of an ioredis or iovalkey client for a standalone server, a Sentinel group or a Cluster. Each is one
 * vote. The client remains the caller's, who closes it.
 * @param options may also be the position that `map` passes: `clients.map(ioredisNode)`
 * @throws TypeError if it is no such client, or for bad options
 * @example
 * ```ts
 * import { Redis } from 'ioredis';
 * import { Redlock } from 'redlock-core';
 * import { ioredisNode } from 'redlock-ioredis-adapter';
 *
 * const clients = ['redis-1', 'redis-2', 'redis-3'].map((host) => new Redis({ host }));
 * for (const client of clients) client.on('error', () => {}); // otherwise ioredis prints errors
 * const redlock = new Redlock(clients.map(ioredisNode));
 * ```
 */
export function ioredisNode(
  client: IoredisClient,
  options?: IoredisNodeOptions | number,
): RedisNode {
  requireClient(client, 'ioredis');
  const { name = defaultName(client), timeout } = nodeOptionsOf(options);
  const internals = client as unknown as ClientInternals;
  const connection = Connection.of(client);
  const subscriptions = subscriptionsOf(client);
  const node: RedisNode = {
    name,
    client,
    timeout,
    keyPrefix: internals.options.keyPrefix,
    get ready() {
      return connection.ready;
    },
    get lastError() {
      return connection.lastError;
    },
    call: senderOf(client),
    connect: () => connection.connect(),
    onReady: (listener) => connection.onReady(listener),
    subscribe: (...given) => subscriptions.subscribe(...given),
    reconnect: () => client.disconnect(true),
  };
  return client.isCluster ? ofCluster(node, client) : node;
}

/** Makes a node of a Cluster: several servers, each with connections that come and go by themselves. */
function ofCluster(node: RedisNode, client: IoredisClient): RedisNode {
  const masters = Masters.of(client);
  const internals = client as unknown as ClientInternals;
  return {
    ...node,
    // A getter that is spread is read only once.
    get ready() {
      return node.ready;
    },
    get lastError() {
      return node.lastError;
    },
    cluster: {
      callMasters: (args) => masters.call(args),
      masterOf: (slot) => internals.slots?.[slot]?.[0],
      reconnect(master) {
        const server = internals.nodes?.().find((one) => addressOf(one) === master);
        (server ?? client).disconnect(true);
      },
    },
    async call(args) {
      const reply = await node.call(args);
      masters.check();
      return reply;
    },
    onReady(listener) {
      const ends = [node.onReady(listener), masters.onChange(listener)];
      return () => {
        for (const end of ends) end();
      };
    },
  };
}

function defaultName(client: IoredisClient): string {
  const internals = client as unknown as ClientInternals;
  const { path, name } = internals.options;
  if (client.isCluster) return 'cluster';
  return name ?? path ?? addressOf(internals);
}

function addressOf({ options: { host, port } }: ClientInternals): string {
  return `${host}:${port}`;
}
