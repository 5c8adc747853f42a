import { Redlock } from '@redis-kit/lock';
import { createClient } from 'redis';
import { type Library, TTL } from './library.js';

/** The only library over node-redis. */
export const redisKit: Library['open'] = async (nodes) => {
  const clients = await Promise.all(
    nodes.map(async ({ host, port }) => {
      const client = createClient({ socket: { host, port } });
      client.on('error', () => {});
      await client.connect();
      return client;
    }),
  );
  const redlock = new Redlock(clients, { maxRetryAttempts: 1_000_000 });
  return {
    name: '@redis-kit/lock',
    clients: [],
    acquire: async (resource, ttl = TTL) => {
      const lock = await redlock.acquire(resource, ttl);
      if (lock === null) throw new Error(`@redis-kit/lock gave up ${resource}`);
      return { lock, release: () => lock.release() };
    },
    close: () => {
      for (const client of clients) client.destroy();
      return Promise.resolve();
    },
  };
};
