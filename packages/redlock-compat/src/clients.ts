import { inspect } from 'node:util';
import pTimeout from 'p-timeout';
import type { IoredisClient } from 'redlock-ioredis-adapter';

/** A client of ioredis or iovalkey, or of a Cluster of one of them. */
export interface QuittableClient extends IoredisClient {
  quit(): Promise<unknown>;
}

/** How long a client may take to quit, in ms. One whose server is unreachable would wait for it forever. */
const MAX_QUIT = 1000;

/**
 * Quits all clients, and disconnects them, also those that take too long.
 * @internal
 */
export async function quitAll(clients: readonly QuittableClient[]): Promise<unknown[]> {
  return Promise.all(clients.map((client) => quit(client)));
}

async function quit(client: QuittableClient): Promise<unknown> {
  try {
    return await pTimeout(client.quit(), { milliseconds: MAX_QUIT, fallback: () => 'OK' });
  } finally {
    // A client that has no connection would go on trying to get one.
    client.disconnect();
  }
}

/**
 * Hides a property when the object is printed: printed clients show the passwords in their options. Node prints an
 * uncaught error with all that can be enumerated, and asks no object how it wants to be shown.
 * @internal
 */
export function hide<T extends object>(object: T, name: keyof T): void {
  Object.defineProperty(object, name, { enumerable: false });
}

/**
 * Makes `util.inspect` show something else, without clients, in the place of an object.
 *
 * The member is hidden from TypeScript: objects of the user's own need not have it to be of the same type.
 * @internal
 */
export function showAs<T extends object>(object: T, shown: object): T {
  return Object.defineProperty(object, inspect.custom, { value: () => shown });
}
