import Redlock from 'redlock-4';
import { messageOf, type Library } from '../library.js';

export const redlock4: Library = {
  keyOf: (resource) => resource,
  open(clients) {
    const events: string[] = [];
    const withOptions = (options: { retryCount?: number }): Redlock =>
      new Redlock(clients, options).on('clientError', ({ message }) => events.push(message));
    // The option of a single call cannot be 0.
    const redlocks = {
      once: withOptions({ retryCount: 0 }),
      default: withOptions({}),
      forever: withOptions({ retryCount: -1 }),
    };
    return {
      acquire: async (resource, ttl, patience) => {
        const lock = await redlocks[patience].lock(resource, ttl);
        return {
          lock,
          extend: async (more) => void (await lock.extend(more)),
          release: async () => await lock.unlock(),
        };
      },
      using: null,
      explain: (reason) => Promise.resolve([messageOf(reason), ...events].join(' ')),
    };
  },
};
