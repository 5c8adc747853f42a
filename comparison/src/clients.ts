import { once } from 'node:events';
import { Redis } from 'ioredis';

/** Where a server, or its proxy, listens. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface ClientOptions {
  /** How long a command may take, in ms; for ever by default. */
  readonly commandTimeout?: number;
  readonly password?: string;
}

/** Connected clients, with ioredis' own defaults unless told otherwise. */
export async function connect(
  nodes: readonly Address[],
  options: ClientOptions = {},
): Promise<Redis[]> {
  const clients = nodes.map(({ host, port }) => new Redis({ ...options, host, port }));
  // A server that goes away is part of a trial.
  for (const client of clients) client.on('error', () => {});
  await areReady(clients);
  return clients;
}

export async function areReady(clients: readonly Redis[]): Promise<void> {
  await Promise.all(
    clients.map(async (client) => {
      if (client.status !== 'ready') await once(client, 'ready');
    }),
  );
}
