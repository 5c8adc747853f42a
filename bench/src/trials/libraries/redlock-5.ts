import Redlock, { ExecutionError } from 'redlock-5';
import { messageOf, type Library, type Patience } from '../library.js';

const PATIENCE: Readonly<Record<Patience, { retryCount?: number }>> = {
  once: { retryCount: 0 },
  default: {},
  forever: { retryCount: -1 },
};

export const redlock5: Library = {
  keyOf: (resource) => resource,
  open(clients) {
    const redlock = new Redlock(clients);
    return {
      acquire: async (resource, ttl, patience) => {
        let lock = await redlock.acquire([resource], ttl, PATIENCE[patience]);
        return {
          lock,
          extend: async (more) => {
            lock = await lock.extend(more);
          },
          release: () => lock.release(),
        };
      },
      using: (resource, ttl, routine) => redlock.using([resource], ttl, routine),
      explain: async (reason) => {
        const attempts = reason instanceof ExecutionError ? await Promise.all(reason.attempts) : [];
        // A vote is told with its client, which knows its server.
        const votes = attempts.flatMap(({ votesAgainst }) =>
          [...votesAgainst].map(
            ([{ options }, error]) => `${options.host}:${options.port}: ${error.message}`,
          ),
        );
        return [messageOf(reason), ...votes].join(' ');
      },
    };
  },
};
