import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { embed } from '../../../scripts/lua.js';
import type { SubjectFactory } from '../subject.js';
import { firstReplies } from './first-replies.js';
import { disconnectAll, ioredisClients, pendingOn, sentBy } from './ioredis-clients.js';

/** How long a fencing counter outlives its lock, in ms, where no lock was longer than a minute. */
const COUNTER_GRACE = 300_000;

/**
 * What redlock-core writes to the nodes for one lock, written without redlock-core, and awaited for a quorum. So what
 * is slower than `by hand` here is the work of servers, and what redlock-core takes beyond this is its own.
 */
export function ownCommands({ fencing }: { readonly fencing: boolean }): SubjectFactory {
  return async (servers, { ttl }) => {
    const clients = await ioredisClients(servers);
    const quorum = Math.floor(clients.length / 2) + 1;
    const load = async (script: string): Promise<string> => {
      const text = textOf(script);
      const [sha = ''] = await Promise.all(clients.map((client) => client.script('LOAD', text)));
      return String(sha);
    };
    const [grant, release] = [await load('grant'), await load('release')];
    const ask = (name: string, ...args: readonly string[]): Promise<void> =>
      firstReplies(
        quorum,
        clients.map((client) => client.call(name, ...args)),
      );
    const times = [String(ttl), String(ttl + COUNTER_GRACE)];
    return {
      client: 'ioredis',
      acquire: async (resource) => {
        const token = randomUUID();
        const [counter, queue, set] = ['fencing', 'waiting', 'shared'].map(
          (helper) => `{${resource}}:${helper}`,
        ) as [string, string, string];
        if (fencing) {
          const proposal = String(Date.now() * 1000);
          const keys = ['3', resource, counter, set];
          await ask('evalsha', grant, ...keys, 'G', '1', ...times, token, proposal);
        } else {
          await ask('set', resource, token, 'nx', 'get', 'px', String(ttl));
        }
        return () => ask('evalsha', release, '3', resource, queue, set, 'r', '1', token, '');
      },
      sent: () => sentBy(clients),
      pending: () => pendingOn(clients[0]),
      close: () => disconnectAll(clients),
    };
  };
}

function textOf(script: string): string {
  const path = `../../../packages/redlock-core/src/protocol/script/alone/${script}.lua`;
  return embed(fileURLToPath(new URL(path, import.meta.url))).text;
}
