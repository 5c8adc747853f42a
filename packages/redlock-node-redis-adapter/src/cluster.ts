import type { NodeRedisCluster } from './client.js';
import type { Deployment } from './deployment.js';

/** How long a command waits for the connection to its server, in ms. */
const PATIENCE = 1000;

export function cluster(client: NodeRedisCluster): Deployment {
  const servers: Deployment['servers'] = () =>
    client.masters.flatMap((master) => (master.client ? [master.client] : []));
  return {
    name: 'cluster',
    isCluster: true,
    get isReady() {
      return client.isOpen && servers().some((server) => server.isReady);
    },
    servers,
    masterOf: (slot) => client.slots[slot]?.master.address,
    server: (master) => client.masters.find(({ address }) => address === master)?.client,
    // One server may be away while others answer. Commands for it must not pile up.
    send: (args, key, options) =>
      client.sendCommand(key, false, args, { ...options, timeout: PATIENCE }),
    async connect() {
      if (!client.isOpen) await client.connect();
      // With `minimizeConnections`, the client has not connected to any master yet, and would do so only with the first
      // command.
      await Promise.any(client.masters.map((master) => client.nodeClient(master)));
    },
  };
}
