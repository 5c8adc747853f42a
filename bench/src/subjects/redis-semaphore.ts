import { RedlockMutex } from 'redis-semaphore';
import type { SubjectFactory } from '../subject.js';
import { disconnectAll, ioredisClients, pendingOn, sentBy } from './ioredis-clients.js';

/** What the library puts before each resource; others must name it to mean the same key. */
export const OWN_PREFIX = 'mutex:';

export const redisSemaphore: SubjectFactory = async (servers, { ttl }) => {
  const clients = await ioredisClients(servers);
  return {
    client: 'ioredis',
    acquire: async (resource) => {
      const mutex = new RedlockMutex(clients, resource.replace(OWN_PREFIX, ''), {
        lockTimeout: ttl,
        acquireTimeout: Infinity,
      });
      await mutex.acquire();
      return () => mutex.release();
    },
    sent: () => sentBy(clients),
    pending: () => pendingOn(clients[0]),
    close: () => disconnectAll(clients),
  };
};
