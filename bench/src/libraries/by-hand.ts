import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Library } from './library.js';

const COMPARE_AND_DELETE = `
if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end
return 0`;

export function quorumOf(nodes: { readonly length: number }): number {
  return Math.floor(nodes.length / 2) + 1;
}

/** Resolves when a quorum has replied. */
export function firstReplies(replies: readonly Promise<unknown>[]): Promise<void> {
  const quorum = quorumOf(replies);
  return new Promise((resolve, reject) => {
    let arrived = 0;
    const arrive = (): void => {
      if (++arrived === quorum) resolve();
    };
    for (const reply of replies) reply.then(arrive, reject);
  });
}

/** @returns the SHA1 of the script */
export async function loadScript(clients: readonly Redis[], script: string): Promise<string> {
  const [sha] = await Promise.all(clients.map((client) => client.script('LOAD', script)));
  return String(sha);
}

/**
 * The two rounds of a Redlock without a library: SET NX PX on every node, then the script that
 * compares and deletes, each awaited for a quorum. No votes, timeouts, validity or clean-up: a bound,
 * and no lock.
 */
export const handWritten: Library = async (clients) => {
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
