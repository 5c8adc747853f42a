import { Redlock, type RedlockOptions } from 'redlock-core';
import { ioredisNode } from 'redlock-ioredis-adapter';
import type { SubjectFactory } from '../subject.js';
import { disconnectAll, ioredisClients, pendingOn, sentBy } from './ioredis-clients.js';

export function redlockCore(options: RedlockOptions = {}): SubjectFactory {
  return async (servers, { ttl }) => {
    const clients = await ioredisClients(servers);
    const redlock = new Redlock(
      clients.map((client) => ioredisNode(client)),
      { wait: Infinity, ...options },
    );
    return {
      client: 'ioredis',
      acquire: async (resource) => {
        const lock = await redlock.acquire(resource, ttl);
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
