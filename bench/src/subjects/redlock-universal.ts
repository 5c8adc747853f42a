import { createRedlock, IoredisAdapter } from 'redlock-universal';
import type { SubjectFactory } from '../subject.js';
import { disconnectAll, ioredisClients, pendingOn, sentBy } from './ioredis-clients.js';

export const redlockUniversal: SubjectFactory = async (servers, { ttl }) => {
  const clients = await ioredisClients(servers);
  const adapters = clients.map((client) => new IoredisAdapter(client));
  return {
    client: 'ioredis',
    acquire: async (resource) => {
      const lock = createRedlock({ adapters, key: resource, ttl, retryAttempts: 1_000_000 });
      const handle = await lock.acquire();
      return () => lock.release(handle);
    },
    sent: () => sentBy(clients),
    pending: () => pendingOn(clients[0]),
    close: () => disconnectAll(clients),
  };
};
