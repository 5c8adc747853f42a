import { RedlockMutex } from 'redis-semaphore';
import { messageOf, type Library, type Patience } from '../library.js';

const PATIENCE: Readonly<Record<Patience, object>> = {
  once: { acquireAttemptsLimit: 1 },
  default: {},
  forever: { acquireTimeout: Infinity },
};

export const redisSemaphore: Library = {
  keyOf: (resource) => `mutex:${resource}`,
  open(clients) {
    const mutexOf = (resource: string, options: object): RedlockMutex =>
      new RedlockMutex([...clients], resource, options);
    return {
      acquire: async (resource, ttl, patience) => {
        const unextended = { lockTimeout: ttl, refreshInterval: 0 };
        const mutex = mutexOf(resource, { ...unextended, ...PATIENCE[patience] });
        await mutex.acquire();
        return {
          lock: mutex,
          extend: (more) => {
            const { identifier } = mutex;
            const other = { lockTimeout: more, refreshInterval: 0 };
            return mutexOf(resource, { ...other, identifier, acquiredExternally: true }).acquire();
          },
          release: () => mutex.release(),
        };
      },
      using: async (resource, ttl, routine) => {
        const loss = new AbortController();
        const mutex = mutexOf(resource, {
          lockTimeout: ttl,
          onLockLost: (error: Error) => loss.abort(error),
        });
        await mutex.acquire();
        try {
          await routine(loss.signal);
        } finally {
          await mutex.release();
        }
      },
      explain: (reason) => Promise.resolve(messageOf(reason)),
    };
  },
};
