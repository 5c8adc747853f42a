import { createRedlock, IoredisAdapter } from 'redlock-universal';
import { messageOf, type Library, type Patience } from '../library.js';

const PATIENCE: Readonly<Record<Patience, { retryAttempts?: number }>> = {
  once: { retryAttempts: 0 },
  default: {},
  forever: { retryAttempts: 1_000_000 },
};

export const redlockUniversal: Library = {
  keyOf: (resource) => resource,
  open(clients, { nodeTimeout }) {
    const options = nodeTimeout === undefined ? {} : { timeout: nodeTimeout };
    const adapters = clients.map((client) => new IoredisAdapter(client, options));
    const lockOf = (
      key: string,
      ttl: number,
      patience: Patience,
    ): ReturnType<typeof createRedlock> =>
      createRedlock({ adapters, key, ttl, ...PATIENCE[patience] });
    return {
      acquire: async (resource, ttl, patience) => {
        const redlock = lockOf(resource, ttl, patience);
        const handle = await redlock.acquire();
        return {
          lock: handle,
          extend: async (more) => {
            if (!(await redlock.extend(handle, more)))
              throw new Error('extend resolved with false');
          },
          release: () => redlock.release(handle),
        };
      },
      using: (resource, ttl, routine) => lockOf(resource, ttl, 'default').using(routine),
      explain: (reason) => Promise.resolve(causes(reason).map(messageOf).join(' ')),
    };
  },
};

function causes(error: unknown): unknown[] {
  return error instanceof Error ? [error, ...causes(error.cause)] : [];
}
