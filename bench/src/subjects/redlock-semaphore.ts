import { RedlockSemaphore } from 'redis-semaphore';
import type { SubjectFactory } from '../subject.js';
import { disconnectAll, ioredisClients, pendingOn, sentBy } from './ioredis-clients.js';

/** The semaphore of redis-semaphore, which counts holders on each node. Each resource has so many permits. */
export function redlockSemaphore(permits: number): SubjectFactory {
  return async (servers, { ttl }) => {
    const clients = await ioredisClients(servers);
    return {
      client: 'ioredis',
      acquire: async (resource) => {
        const semaphore = new RedlockSemaphore(clients, resource, permits, {
          lockTimeout: ttl,
          acquireTimeout: Infinity,
        });
        await semaphore.acquire();
        return () => semaphore.release();
      },
      sent: () => sentBy(clients),
      pending: () => pendingOn(clients[0]),
      close: () => disconnectAll(clients),
    };
  };
}
