import { Redis } from 'ioredis';
import { isReady } from 'test-kit';

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
  await Promise.all(clients.map((client) => isReady(client)));
  return clients;
}
