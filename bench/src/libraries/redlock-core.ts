import { type AcquireOptions, Redlock, type RedlockOptions } from 'redlock-core';
import { ioredisNode } from 'redlock-ioredis-adapter';
import type { Library, Patience } from './library.js';

/** How many permits a semaphore of the bench has. */
export const PERMITS = 10;

const WAITS: Readonly<Record<Patience, RedlockOptions>> = {
  once: { wait: 0 },
  default: {},
  forever: { wait: Infinity },
};

export function redlockCore(options: RedlockOptions = {}, terms: AcquireOptions = {}): Library {
  return (clients, { patience }) => {
    const nodes = clients.map((client) => ioredisNode(client));
    const redlock = new Redlock(nodes, { ...WAITS[patience], ...options });
    return {
      acquire: async (resource, ttl) => {
        const lock = await redlock.acquire(resource, ttl, terms);
        return { lock, release: () => lock.release() };
      },
      using: (resource, ttl, routine) => redlock.using(resource, ttl, routine),
      close: () => redlock.close(),
    };
  };
}

export const redlockCoreSemaphore: Library = (clients) => {
  const redlock = new Redlock(
    clients.map((client) => ioredisNode(client)),
    { wait: Infinity },
  );
  return {
    acquire: async (resource, ttl) => {
      const lock = await redlock.semaphore(resource, PERMITS).acquire(ttl);
      return { lock, release: () => lock.release() };
    },
    close: () => redlock.close(),
  };
};
