import { randomUUID } from 'node:crypto';
import { firstReplies, loadScript } from './clients.js';
import type { Opening } from './library.js';

const COMPARE_AND_DELETE = `
if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end
return 0`;

/**
 * The two rounds of a Redlock without a library: SET NX PX on every node, then the script that compares and deletes, each
 * awaited for a quorum. No votes, timeouts, validity or clean-up: a bound, and no lock.
 */
export const byHand: Opening = async (clients) => {
  const sha = await loadScript(clients, COMPARE_AND_DELETE);
  return {
    acquire: async (resource, ttl) => {
      const token = randomUUID();
      await firstReplies(clients.map((client) => client.set(resource, token, 'PX', ttl, 'NX')));
      const release = (): Promise<void> =>
        firstReplies(clients.map((client) => client.evalsha(sha, 1, resource, token)));
      return { lock: token, release };
    },
  };
};
