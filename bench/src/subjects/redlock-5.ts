import Redlock from 'redlock-5';
import type { SubjectFactory } from '../subject.js';
import { disconnectAll, ioredisClients, pendingOn, sentBy } from './ioredis-clients.js';

export const redlock5: SubjectFactory = async (servers, { ttl }) => {
  const clients = await ioredisClients(servers);
  const redlock = new Redlock(clients, { retryCount: -1 });
  redlock.on('error', () => {});
  return {
    client: 'ioredis',
    acquire: async (resource) => {
      const lock = await redlock.acquire([resource], ttl);
      return () => lock.release();
    },
    sent: () => sentBy(clients),
    pending: () => pendingOn(clients[0]),
    close: () => disconnectAll(clients),
  };
};

/**
 * With its own limit of retries, and the same again until it has the lock. Only when it gives up does the library
 * release the nodes that it has got in split votes, and until then they deny itself too.
 */
export const redlock5GivingUp: SubjectFactory = async (servers, { ttl }) => {
  const clients = await ioredisClients(servers);
  const redlock = new Redlock(clients);
  redlock.on('error', () => {});
  return {
    client: 'ioredis',
    acquire: async (resource) => {
      for (;;) {
        const lock = await redlock.acquire([resource], ttl).catch(() => null);
        if (lock !== null) return () => lock.release();
      }
    },
    sent: () => sentBy(clients),
    pending: () => pendingOn(clients[0]),
    close: () => disconnectAll(clients),
  };
};
