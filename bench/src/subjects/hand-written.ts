import { randomUUID } from 'node:crypto';
import type { SubjectFactory } from '../subject.js';
import { firstReplies } from './first-replies.js';
import {
  type ClientOptions,
  disconnectAll,
  ioredisClients,
  pendingOn,
  sentBy,
} from './ioredis-clients.js';

const COMPARE_AND_DELETE = `
if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end
return 0`;

/**
 * The two rounds of a Redlock without a library: SET NX PX on every node, then the script that
 * compares and deletes, each awaited for a quorum. No votes, timeouts, validity or clean-up: a bound,
 * and no lock.
 */
export function handWritten(options: ClientOptions = {}): SubjectFactory {
  return async (servers, { ttl }) => {
    const clients = await ioredisClients(servers, options);
    const quorum = Math.floor(clients.length / 2) + 1;
    const [sha = ''] = await Promise.all(
      clients.map(async (client) => String(await client.script('LOAD', COMPARE_AND_DELETE))),
    );
    return {
      client: 'ioredis',
      acquire: async (resource) => {
        const token = randomUUID();
        await firstReplies(
          quorum,
          clients.map((client) => client.set(resource, token, 'PX', ttl, 'NX')),
        );
        return () =>
          firstReplies(
            quorum,
            clients.map((client) => client.evalsha(sha, 1, resource, token)),
          );
      },
      sent: () => sentBy(clients),
      pending: () => pendingOn(clients[0]),
      close: () => disconnectAll(clients),
    };
  };
}
