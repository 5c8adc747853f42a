import type { RedisNode } from 'redlock-core';
import { defineNode, type NodeOptions, type OpenSubscriber } from 'redlock-core/adapter';
import { type Internals, internalsOf, type IoredisClient } from './client.js';
import { senderOf } from './commands.js';
import { addressOf, Connection, Masters } from './connection.js';

export type IoredisNodeOptions = NodeOptions;

/**
 * Makes a node of an ioredis or iovalkey client for a standalone server, a Sentinel group or a Cluster. Each is one
 * vote. The client remains the caller's, who closes it.
 * @throws TypeError if it is no such client, or for bad options
 * @example
 * ```ts
 * import { Redis } from 'ioredis';
 * import { Redlock } from 'redlock-core';
 * import { ioredisNode } from 'redlock-ioredis-adapter';
 *
 * const clients = ['redis-1', 'redis-2', 'redis-3'].map((host) => new Redis({ host }));
 * for (const client of clients) client.on('error', () => {}); // otherwise ioredis prints errors
 * const redlock = new Redlock(clients.map((client) => ioredisNode(client)));
 * ```
 */
export const ioredisNode: (client: IoredisClient, options?: IoredisNodeOptions) => RedisNode =
  defineNode((given: IoredisClient, reports) => {
    const client = internalsOf(given);
    const connection = new Connection(client, reports);
    const masters = client.isCluster ? new Masters(client, reports.established) : undefined;
    const send = senderOf(client);
    return {
      name: nameOf(client),
      keyPrefix: client.options.keyPrefix,
      cluster: masters,
      get ready() {
        return connection.ready;
      },
      call: masters ? (args) => masters.checked(send(args)) : send,
      connect: () => connection.connect(),
      reconnect: () => client.disconnect(true),
      openSubscriber: subscriberOf(client),
    };
  });

function nameOf(client: Internals): string {
  const { path, name } = client.options;
  return client.isCluster ? 'cluster' : (name ?? path ?? addressOf(client));
}

/** Opens connections with the options of a client. */
function subscriberOf(client: Internals): OpenSubscriber {
  return async ({ message, lost, signal }) => {
    // On a Cluster any server will do, because it delivers messages from all others.
    const servers = client.nodes?.() ?? [client];
    const server = servers[Math.floor(Math.random() * servers.length)];
    if (!server) throw new Error('The cluster is not connected');
    const connection = server.duplicate({
      lazyConnect: true,
      retryStrategy: () => null,
      sentinelRetryStrategy: () => null,
      autoResubscribe: false,
    });
    signal.addEventListener('abort', () => connection.disconnect(), { once: true });
    // The core learns of a failing node by its commands; ioredis would print the error.
    connection.on('error', () => {});
    connection.on('message', message);
    connection.on('end', lost);
    await connection.connect();
    return {
      subscribe: (channel) => connection.subscribe(channel),
      unsubscribe: (channel) => connection.unsubscribe(channel),
      ping: () => connection.ping(),
      close: () => connection.disconnect(),
    };
  };
}
