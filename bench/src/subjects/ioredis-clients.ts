import { once } from 'node:events';
import { Redis } from 'ioredis';
import type { Address } from '../subject.js';

export interface ClientOptions {
  readonly enableAutoPipelining?: boolean;
}

/** Commands by client. */
const counts = new WeakMap<Redis, { sent: number }>();

/** Connected clients, with ioredis' own defaults unless told otherwise. */
export async function ioredisClients(
  servers: readonly Address[],
  options: ClientOptions = {},
): Promise<Redis[]> {
  const clients = servers.map(({ host, port }) => countingClient(new Redis(port, host, options)));
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

/** Commands that clients have sent so far. */
export function sentBy(clients: readonly Redis[]): number {
  return clients.reduce((sum, client) => sum + (counts.get(client)?.sent ?? 0), 0);
}

/** Counted here, because a server counts a client's command and a script's call of it alike. */
function countingClient(client: Redis): Redis {
  const count = { sent: 0 };
  counts.set(client, count);
  const send = client.sendCommand.bind(client);
  client.sendCommand = (command, stream) => {
    count.sent++;
    return send(command, stream);
  };
  return client;
}

/** Commands that a client has written or queued, and not had answered. */
export function pendingOn(client: Redis | undefined): number {
  const queues = client as unknown as Record<'commandQueue' | 'offlineQueue', { length: number }>;
  return queues.commandQueue.length + queues.offlineQueue.length;
}
