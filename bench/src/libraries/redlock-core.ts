import { type AcquireOptions, Redlock, type RedlockOptions } from 'redlock-core';
import { ioredisNode } from 'redlock-ioredis-adapter';
import type { Opening, Patience } from './library.js';

/** How many permits a semaphore of the bench has. */
export const PERMITS = 10;

const WAITS: Readonly<Record<Patience, RedlockOptions>> = {
  once: { wait: 0 },
  default: {},
  forever: { wait: Infinity },
};

/** A resource `a+b` is the two resources a and b. */
export function redlockCore(options: RedlockOptions = {}, terms: AcquireOptions = {}): Opening {
  return (clients, { patience }) => {
    const nodes = clients.map((client) => ioredisNode(client));
    const redlock = new Redlock(nodes, { ...WAITS[patience], ...options });
    return {
      acquire: async (resource, ttl) => {
        const resources = resource.includes('+') ? resource.split('+') : resource;
        const lock = await redlock.acquire(resources, ttl, terms);
        return { lock, release: () => lock.release() };
      },
      using: (resource, ttl, routine) => redlock.using(resource, ttl, routine),
      close: () => redlock.close(),
    };
  };
}

export const redlockCorePermits: Opening = (clients) => {
  const nodes = clients.map((client) => ioredisNode(client));
  const redlock = new Redlock(nodes, { wait: Infinity });
  return {
    acquire: async (resource, ttl) => {
      const lock = await redlock.semaphore(resource, PERMITS).acquire(ttl);
      return { lock, release: () => lock.release() };
    },
    close: () => redlock.close(),
  };
};
