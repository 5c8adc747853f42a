import type { OpenSubscriber } from 'redlock-core/adapter';
import type { ClientInternals, IoredisClient, IoredisSubscriber } from './client.js';

/** Opens connections with the options of a client. */
export function subscriberOf(client: IoredisClient): OpenSubscriber {
  return (events) =>
    new Promise((resolve, reject) => {
      const connection = duplicate(client);
      events.signal.addEventListener('abort', () => connection.disconnect(), { once: true });
      // The core learns of a failing node by its commands; ioredis would print the error.
      connection.on('error', () => {});
      connection.on('message', events.message);
      connection.on('ready', () =>
        resolve({
          subscribe: (channel) => connection.subscribe(channel),
          unsubscribe: (channel) => connection.unsubscribe(channel),
          ping: () => connection.ping(),
          close: () => connection.disconnect(),
        }),
      );
      connection.on('end', () => {
        reject(new Error('The connection has ended'));
        events.lost();
      });
    });
}

/** Makes a client for one server. On a Cluster any server will do, because it delivers messages from all others. */
function duplicate(client: IoredisClient): IoredisSubscriber {
  const internals = client as unknown as ClientInternals;
  const servers = internals.nodes?.() ?? [internals];
  const server = servers[Math.floor(Math.random() * servers.length)];
  if (!server) throw new Error('The cluster is not connected');
  return server.duplicate({
    lazyConnect: false,
    retryStrategy: null,
    sentinelRetryStrategy: null,
    autoResubscribe: false,
  });
}
