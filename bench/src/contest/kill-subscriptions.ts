import { Redis } from 'ioredis';
import type { Address } from '../subject.js';

/** Kills all connections that subscribe, again and again. Returns what ends it. */
export function killSubscriptions(servers: readonly Address[], every: number): () => Promise<void> {
  const clients = servers.map(({ host, port }) => new Redis({ host, port }));
  const timer = setInterval(() => {
    for (const client of clients) {
      void client.call('client', ['kill', 'type', 'pubsub']).catch(() => {});
    }
  }, every);
  return async () => {
    clearInterval(timer);
    await Promise.all(clients.map((client) => client.quit()));
  };
}
