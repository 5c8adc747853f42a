import pTimeout from 'p-timeout';
import { ioredisNode, type IoredisClient } from 'redlock-ioredis-adapter';
import type { RedisNode } from 'redlock-core';

/** A client of ioredis or iovalkey, or of a Cluster of one of them. */
export interface QuittableClient extends IoredisClient {
  quit(): Promise<unknown>;
}

/** How long a client may take to quit, in ms. One whose server is away would wait for it for ever. */
const LONGEST_QUIT = 1000;

/**
 * One node for each client.
 * @throws TypeError if one is no client of ioredis or iovalkey, as those of redis 2 and 3 with their callbacks
 * @internal
 */
export function nodesOf(clients: readonly QuittableClient[]): RedisNode[] {
  return clients.map((client) => ioredisNode(client));
}

/**
 * Quits all clients, and disconnects them, also those that take too long.
 * @internal
 */
export async function quitAll(clients: readonly QuittableClient[]): Promise<unknown[]> {
  return Promise.all(clients.map((client) => quit(client)));
}

async function quit(client: QuittableClient): Promise<unknown> {
  try {
    return await pTimeout(client.quit(), { milliseconds: LONGEST_QUIT, fallback: () => 'OK' });
  } finally {
    // A client that has no connection would go on trying to get one.
    client.disconnect();
  }
}
