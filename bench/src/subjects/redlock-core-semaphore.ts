import { Redlock } from 'redlock-core';
import { ioredisNode } from 'redlock-ioredis-adapter';
import type { SubjectFactory } from '../subject.js';
import { disconnectAll, ioredisClients, pendingOn, sentBy } from './ioredis-clients.js';

/** Our own semaphore. Each resource has so many permits. */
export function redlockCoreSemaphore(permits: number): SubjectFactory {
  return async (servers, { ttl }) => {
    const clients = await ioredisClients(servers);
    const redlock = new Redlock(
      clients.map((client) => ioredisNode(client)),
      { wait: Infinity },
    );
    return {
      client: 'ioredis',
      acquire: async (resource) => {
        const lock = await redlock.semaphore(resource, permits).acquire(ttl);
        return () => lock.release();
      },
      sent: () => sentBy(clients),
      pending: () => pendingOn(clients[0]),
      close: async () => {
        await redlock.close();
        await disconnectAll(clients);
      },
    };
  };
}
