import { Redlock, RedlockError, type AcquireOptions } from 'redlock-core';
import { ioredisNode } from 'redlock-ioredis-adapter';
import { messageOf, type Library, type Patience } from '../library.js';

const PATIENCE: Readonly<Record<Patience, AcquireOptions>> = {
  once: { wait: 0 },
  default: {},
  forever: { wait: Infinity },
};

export const redlockCore: Library = {
  keyOf: (resource) => resource,
  open(clients) {
    const redlock = new Redlock(clients.map((client) => ioredisNode(client)));
    return {
      acquire: async (resource, ttl, patience) => {
        const lock = await redlock.acquire(resource, ttl, PATIENCE[patience]);
        return { lock, extend: (more) => lock.extend(more), release: () => lock.release() };
      },
      using: (resource, ttl, routine) => redlock.using(resource, ttl, routine),
      explain: (reason) => {
        const votes = RedlockError.is(reason) ? JSON.stringify(reason) : '';
        return Promise.resolve(`${messageOf(reason)} ${votes}`);
      },
      close: () => redlock.close(),
    };
  },
};
