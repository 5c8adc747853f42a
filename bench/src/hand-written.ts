import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';

const COMPARE_AND_DELETE = `
if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end
return 0`;

/**
 * The two rounds of a Redlock without the library: SET NX PX on every node, then the script that
 * compares and deletes, each awaited for a quorum. No timeouts, no validity, no clean-up: a bound.
 */
export async function handWritten(
  clients: readonly Redis[],
): Promise<(key: string, ttl: number) => Promise<void>> {
  const quorum = Math.floor(clients.length / 2) + 1;
  const [sha = ''] = await Promise.all(
    clients.map(async (client) => String(await client.script('LOAD', COMPARE_AND_DELETE))),
  );
  return async (key, ttl) => {
    const token = randomUUID();
    await first(
      quorum,
      clients.map((client) => client.set(key, token, 'PX', ttl, 'NX')),
    );
    await first(
      quorum,
      clients.map((client) => client.evalsha(sha, 1, key, token)),
    );
  };
}

function first(count: number, replies: readonly Promise<unknown>[]): Promise<void> {
  return new Promise((resolve, reject) => {
    let arrived = 0;
    const arrive = (): void => {
      if (++arrived === count) resolve();
    };
    for (const reply of replies) reply.then(arrive, reject);
  });
}
