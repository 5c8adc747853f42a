import type { ClientInternals, NodeRedisClient } from './client.js';
import type { Deployment } from './deployment.js';

export function standalone(client: NodeRedisClient): Deployment {
  let ended = false;
  client.on('end', () => (ended = true));
  client.on('connect', () => (ended = false));
  return {
    name: nameOf(client as unknown as ClientInternals),
    isCluster: false,
    get isReady() {
      return client.isReady;
    },
    servers: () => [client],
    server: () => client,
    send: (args, _key, options) => client.sendCommand(args, options),
    async connect() {
      // A client that its caller has closed stays closed.
      if (!client.isOpen && !ended) await client.connect();
    },
  };
}

function nameOf({ options }: ClientInternals): string {
  const { host = 'localhost', port = 6379, path } = options?.socket ?? {};
  return path ?? `${host}:${port}`;
}
