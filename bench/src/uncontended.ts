import { Redis } from 'ioredis';
import { Redlock } from 'redlock-core';
import { ioredisNode } from 'redlock-ioredis-adapter';
import { startServers } from 'testbed';
import { handWritten } from './hand-written.js';
import { timeInterleaved } from './interleaved.js';
import { table } from './table.js';

const TTL = 10_000;

/** One caller, one lock at a time, five nodes: this library beside two rounds by hand on the same clients. */
export async function uncontended(operations: number, appendonly: 'yes' | 'no'): Promise<string> {
  const servers = await startServers(5, { config: { appendonly } });
  const clients = servers.map(({ host, port }) => new Redis({ host, port }));
  const redlock = new Redlock(clients.map((client) => ioredisNode(client)));
  const byHand = await handWritten(clients);
  const times = await timeInterleaved(
    {
      'by hand': (operation) => byHand(`hand:${operation}`, TTL),
      'by hand, again': (operation) => byHand(`again:${operation}`, TTL),
      'redlock-core': async (operation) => {
        const lock = await redlock.acquire(`lock:${operation}`, TTL);
        await lock.release();
      },
    },
    operations,
  );
  await redlock.close();
  for (const client of clients) client.disconnect();
  await Promise.all(servers.map((server) => server.close()));
  return table(`Uncontended, one at a time, N = 5, appendonly ${appendonly}`, times, 'by hand');
}
