/**
 * An adapter for ioredis in some forty lines, with public members of the client only. docs/adapters.md explains it.
 */
import type { Redis } from 'ioredis';
import { defineNode } from 'redlock-core/adapter';

/** Makes a node of a client of ioredis for one server. */
export const myNode = defineNode((client: Redis, { connecting, established, failed }) => {
  client.on('connect', connecting);
  client.on('ready', established);
  client.on('error', failed);
  client.on('close', () => failed(new Error('the connection was closed'), true));
  return {
    name: `${client.options.host}:${client.options.port}`,
    keyPrefix: client.options.keyPrefix,
    get ready() {
      return client.status === 'ready' && client.stream.writable;
    },
    call: ([command = '', ...args]) => client.call(command, args),
    async connect() {
      if (client.status === 'wait') await client.connect();
    },
    reconnect: () => client.disconnect(true),
    async openSubscriber({ message, lost, signal }) {
      const connection = client.duplicate({ lazyConnect: true, retryStrategy: () => null });
      signal.addEventListener('abort', () => connection.disconnect());
      connection.on('message', message);
      connection.on('error', lost);
      connection.on('end', lost);
      await connection.connect();
      return {
        subscribe: (channel) => connection.subscribe(channel),
        unsubscribe: (channel) => connection.unsubscribe(channel),
        ping: () => connection.ping(),
        close: () => connection.disconnect(),
      };
    },
  };
});
