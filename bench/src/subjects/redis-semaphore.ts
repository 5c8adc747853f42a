import { RedlockMutex } from 'redis-semaphore';
import type { SubjectFactory } from '../subject.js';
import { disconnectAll, ioredisClients, pendingOn } from './ioredis-clients.js';

export const redisSemaphore: SubjectFactory = async (servers, { ttl }) => {
  const clients = await ioredisClients(servers);
  return {
    client: 'ioredis',
    acquire: async (resource) => {
      const mutex = new RedlockMutex(clients, resource, {
        lockTimeout: ttl,
        acquireTimeout: Infinity,
      });
      await mutex.acquire();
      return () => mutex.release();
    },
    pending: () => pendingOn(clients[0]),
    close: () => disconnectAll(clients),
  };
};
