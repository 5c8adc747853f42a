import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { Redis } from 'ioredis';
import { embed } from '../../../scripts/lua.js';
import type { Library } from './library.js';

const COMPARE_AND_DELETE = `
if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end
return 0`;

/** How long a fencing counter outlives its lock, in ms, if no lock was longer than a minute. */
const COUNTER_GRACE = 300_000;

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

/**
 * What redlock-core writes to the nodes for one lock, written without redlock-core and awaited for a quorum. What is
 * slower than `handWritten` is the work of servers, and what redlock-core takes beyond this is its own time.
 */
export function ownCommands({ fencing }: { readonly fencing: boolean }): Library {
  return async (clients) => {
    const grant = await loadScript(clients, textOf('grant'));
    const release = await loadScript(clients, textOf('release'));
    const ask = (name: string, ...args: readonly string[]): Promise<void> =>
      firstReplies(clients.map((client) => client.call(name, ...args)));
    return {
      acquire: async (resource, ttl) => {
        const token = randomUUID();
        const [counter, queue, set] = ['fencing', 'waiting', 'shared'].map(
          (helper) => `{${resource}}:${helper}`,
        ) as [string, string, string];
        if (fencing) {
          const times = [String(ttl), String(ttl + COUNTER_GRACE)];
          const proposal = String(Date.now() * 1000);
          const keys = ['3', resource, counter, set];
          await ask('evalsha', grant, ...keys, 'G', '1', ...times, token, proposal);
        } else {
          await ask('set', resource, token, 'nx', 'get', 'px', String(ttl));
        }
        return {
          lock: token,
          release: () => ask('evalsha', release, '3', resource, queue, set, 'r', '1', token, ''),
        };
      },
    };
  };
}

function textOf(script: string): string {
  const path = `../../../packages/redlock-core/src/protocol/script/alone/${script}.lua`;
  return embed(fileURLToPath(new URL(path, import.meta.url))).text;
}
