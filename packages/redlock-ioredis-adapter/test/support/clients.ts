import { once } from 'node:events';
import { Redis as Redis6 } from 'ioredis';
import { Redis as Redis5 } from 'ioredis-5';

/** The versions of ioredis that the adapter is for. */
export const majors = [{ major: 5 }, { major: 6 }] as const;
export type Major = (typeof majors)[number]['major'];

export type Client = Redis5 | Redis6;

export interface ClientOptions {
  db?: number;
  keyPrefix?: string;
  lazyConnect?: boolean;
  username?: string;
  password?: string;
}

interface Address {
  readonly host: string;
  readonly port: number;
}

/** A client at ioredis' own defaults but for `options`. */
export function openClient(
  major: Major,
  { host, port }: Address,
  options: ClientOptions = {},
): Client {
  const settings = { ...options, host, port };
  const client = major === 5 ? new Redis5(settings) : new Redis6(settings);
  emitter(client).on('error', () => {});
  return client;
}

/** A union of the two classes has no `on` that could be called. */
export function emitter(client: Client): NodeJS.EventEmitter {
  return client;
}

/** Resolves when commands go straight to the server. */
export async function isReady(client: Client): Promise<void> {
  if (client.status !== 'ready') await once(emitter(client), 'ready');
}
