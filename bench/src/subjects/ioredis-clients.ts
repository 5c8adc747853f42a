import { once } from 'node:events';
import { Redis } from 'ioredis';
import type { Address } from '../subject.js';

export interface ClientOptions {
  readonly enableAutoPipelining?: boolean;
}

/** Connected clients, with ioredis' own defaults unless told otherwise. */
export async function ioredisClients(
  servers: readonly Address[],
  options: ClientOptions = {},
): Promise<Redis[]> {
  const clients = servers.map(({ host, port }) => new Redis(port, host, options));
  await Promise.all(
    clients.map(async (client) => {
      await once(client, 'ready');
      // A server that goes away is part of the measurement.
      client.on('error', () => {});
    }),
  );
  return clients;
}

export function disconnectAll(clients: readonly Redis[]): Promise<void> {
  for (const client of clients) client.disconnect();
  return Promise.resolve();
}

/** Commands that a client has written or queued, and not had answered. */
export function pendingOn(client: Redis | undefined): number {
  const queues = client as unknown as Record<'commandQueue' | 'offlineQueue', { length: number }>;
  return queues.commandQueue.length + queues.offlineQueue.length;
}
