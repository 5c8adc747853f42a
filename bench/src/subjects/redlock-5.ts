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
