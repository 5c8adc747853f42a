import { GlideClient, GlideClusterClient, Logger } from '@valkey/valkey-glide';
import { valkeyGlideNode } from 'redlock-valkey-glide-adapter';
import type { Subject } from '../subject.js';

// It prints every error reply and every lost connection.
Logger.setLoggerConfig('off');

export const valkeyGlideSubject: Subject = {
  adapter: 'redlock-valkey-glide-adapter',
  client: 'GLIDE 2',
  topologies: ['standalone', 'cluster'],
  without: () => ({
    keyPrefix: 'GLIDE has none',
    reconnect: 'GLIDE has no call for it',
  }),
  async open(topology, { host, port, db, username, password, lazy = false }, entrances) {
    const options = {
      lazyConnect: lazy,
      connectionBackoff: { numberOfRetries: 5, factor: 20, exponentBase: 2 },
      // By default a command that a stall of the machine delays is given up.
      requestTimeout: 2000,
      ...(db !== undefined && { databaseId: db }),
      ...(password !== undefined && { credentials: { username: username ?? 'default', password } }),
    };
    const client =
      topology === 'cluster'
        ? await GlideClusterClient.createClient({
            ...options,
            addresses: entrances.map((one) => ({ host: one.host, port: one.port })),
          })
        : await GlideClient.createClient({ ...options, addresses: [{ host, port }] });
    return {
      node: () => valkeyGlideNode(client),
      connect: () => client.customCommand(['PING']),
      emitters: () => [],
      close: () => client.close(),
    };
  },
};
