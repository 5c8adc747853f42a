import { Redlock } from '@redis-kit/lock';
import { createClient } from 'redis';
import type { SubjectFactory } from './library.js';

/** The only subject over node-redis. */
export const redisKit: SubjectFactory = async (servers, { ttl }) => {
  const clients = await Promise.all(
    servers.map(async ({ host, port }) => {
      const client = createClient({ socket: { host, port } });
      client.on('error', () => {});
      await client.connect();
      return client;
    }),
  );
  const redlock = new Redlock(clients, { maxRetryAttempts: 1_000_000 });
  return {
    acquire: async (resource) => {
      const lock = await redlock.acquire(resource, ttl);
      if (lock === null) throw new Error(`@redis-kit/lock gave up ${resource}`);
      return { lock, release: () => lock.release() };
    },
    sent: () => null,
    pending: () => null,
    close: () => {
      for (const client of clients) client.destroy();
      return Promise.resolve();
    },
  };
};
