import { Redis } from 'ioredis';
import type { Address } from './library.js';

export interface ClientOptions {
  readonly enableAutoPipelining?: boolean;
  /** Limit of a command, in ms; without it, a command waits for ever. */
  readonly commandTimeout?: number;
  readonly password?: string;
}

/** Commands by client. */
const counts = new WeakMap<Redis, { sent: number }>();

/** Connected clients, with ioredis' own defaults except for `options`. */
export async function ioredisClients(
  servers: readonly Address[],
  options: ClientOptions = {},
): Promise<Redis[]> {
  const clients = servers.map(({ host, port }) =>
    countingClient(new Redis({ ...options, host, port })),
  );
  // A server that goes away is part of the measurement.
  for (const client of clients) client.on('error', () => {});
  await Promise.all(
    clients.map((client) => new Promise<void>((resolve) => client.once('ready', resolve))),
  );
  return clients;
}

export function disconnectAll(clients: readonly Redis[]): void {
  for (const client of clients) client.disconnect();
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

/** Commands without an answer, which a client has written or queued. */
export function pendingOn(client: Redis | undefined): number {
  const queues = client as unknown as Record<'commandQueue' | 'offlineQueue', { length: number }>;
  return queues.commandQueue.length + queues.offlineQueue.length;
}
