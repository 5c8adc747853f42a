import Redlock from 'redlock-4';
import type { SubjectFactory } from '../subject.js';
import { disconnectAll, ioredisClients, pendingOn, sentBy } from './ioredis-clients.js';

export const redlock4: SubjectFactory = async (servers, { ttl }) => {
  const clients = await ioredisClients(servers);
  const redlock = new Redlock(clients, { retryCount: -1 });
  redlock.on('clientError', () => {});
  return {
    client: 'ioredis',
    acquire: async (resource) => {
      const lock = await redlock.lock(resource, ttl);
      return () => lock.unlock();
    },
    sent: () => sentBy(clients),
    pending: () => pendingOn(clients[0]),
    close: () => disconnectAll(clients),
  };
};
