import { Redlock as Sesamecare } from '@sesamecare-oss/redlock';
import type { Redis } from 'ioredis';
import { RedlockMutex, RedlockSemaphore } from 'redis-semaphore';
import Redlock4 from 'redlock-4';
import Redlock5 from 'redlock-5';
import { createRedlock, IoredisAdapter } from 'redlock-universal';
import { type Locker, type Opening, type Patience, PREFIX } from './library.js';
import { PERMITS } from './redlock-core.js';

const RETRIES: Readonly<Record<Patience, { retryCount?: number }>> = {
  once: { retryCount: 0 },
  default: {},
  forever: { retryCount: -1 },
};

export const redlock4: Opening = (clients, { patience }) => {
  const redlock = new Redlock4(clients, RETRIES[patience]);
  redlock.on('clientError', () => {});
  return {
    acquire: async (resource, ttl) => {
      const lock = await redlock.lock(resource, ttl);
      return { lock, release: () => lock.unlock() };
    },
  };
};

export const redlock5: Opening = (clients, { patience }) => {
  const redlock = new Redlock5(clients, RETRIES[patience]);
  redlock.on('error', () => {});
  return {
    acquire: acquireBy(redlock),
    using: (resource, ttl, routine) => redlock.using([resource], ttl, routine),
  };
};

export const sesamecare: Opening = (clients) => {
  const redlock = new Sesamecare([...clients], RETRIES.forever);
  redlock.on('error', () => {});
  return { acquire: acquireBy(redlock) };
};

interface LikeRedlock5 {
  acquire(resources: string[], ttl: number): Promise<{ release(): Promise<unknown> }>;
}

function acquireBy(redlock: LikeRedlock5): Locker['acquire'] {
  return async (resource, ttl) => {
    const lock = await redlock.acquire([resource], ttl);
    return { lock, release: () => lock.release() };
  };
}

/** Locks are extended by default, as the bench measures them. Trials of `acquire` need a lock that expires. */
const ATTEMPTS: Readonly<Record<Patience, object>> = {
  once: { acquireAttemptsLimit: 1, refreshInterval: 0 },
  default: { refreshInterval: 0 },
  forever: { acquireTimeout: Infinity },
};

export const redisSemaphore: Opening = (clients, { patience }) => {
  const mutexOf = (resource: string, options: object): RedlockMutex =>
    new RedlockMutex([...clients], resource.replace(PREFIX, ''), options);
  return {
    acquire: async (resource, ttl) => {
      const lock = mutexOf(resource, { lockTimeout: ttl, ...ATTEMPTS[patience] });
      await lock.acquire();
      return { lock, release: () => lock.release() };
    },
    using: async (resource, ttl, routine) => {
      const loss = new AbortController();
      const onLockLost = (error: Error): void => loss.abort(error);
      const mutex = mutexOf(resource, { lockTimeout: ttl, onLockLost });
      await mutex.acquire();
      try {
        await routine(loss.signal);
      } finally {
        await mutex.release();
      }
    },
  };
};

/** The semaphore of redis-semaphore, which counts holders on each node. */
export const redisSemaphorePermits: Opening = (clients) => ({
  acquire: async (resource, ttl) => {
    const options = { lockTimeout: ttl, acquireTimeout: Infinity };
    const lock = new RedlockSemaphore([...clients], resource, PERMITS, options);
    await lock.acquire();
    return { lock, release: () => lock.release() };
  },
});

const RETRY_ATTEMPTS: Readonly<Record<Patience, { retryAttempts?: number }>> = {
  once: { retryAttempts: 0 },
  default: {},
  forever: { retryAttempts: 1_000_000 },
};

export const redlockUniversal: Opening = (clients, { patience, nodeTimeout }) => {
  const options = nodeTimeout === undefined ? {} : { timeout: nodeTimeout };
  const adapters = clients.map((client: Redis) => new IoredisAdapter(client, options));
  const lockOf = (key: string, ttl: number): ReturnType<typeof createRedlock> =>
    createRedlock({ adapters, key, ttl, ...RETRY_ATTEMPTS[patience] });
  return {
    acquire: async (resource, ttl) => {
      const redlock = lockOf(resource, ttl);
      const lock = await redlock.acquire();
      return { lock, release: () => redlock.release(lock) };
    },
    using: (resource, ttl, routine) => lockOf(resource, ttl).using(routine),
  };
};
