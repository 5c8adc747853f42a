import { once } from 'node:events';
import { Cluster as Cluster6, Redis as Redis6 } from 'ioredis';
import { Cluster as Cluster5, Redis as Redis5 } from 'ioredis-5';

/** The versions of ioredis that the adapter is for. */
export const majors = [{ major: 5 }, { major: 6 }] as const;
export type Major = (typeof majors)[number]['major'];

export type Client = Redis5 | Redis6;
export type ClusterClient = Cluster5 | Cluster6;

export interface ClientOptions {
  db?: number;
  keyPrefix?: string;
  lazyConnect?: boolean;
  enableReadyCheck?: boolean;
  disableClientInfo?: boolean;
  username?: string;
  password?: string;
}

export interface ClusterClientOptions {
  keyPrefix?: string;
  /** How long it waits until it sends a command again to a slot on its way, in ms. */
  retryDelayOnTryAgain?: number;
}

export interface Address {
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

/** The same to a Redis Cluster, which it finds through the servers given. */
export function openClusterClient(
  major: Major,
  servers: readonly Address[],
  options: ClusterClientOptions = {},
): ClusterClient {
  const nodes = servers.map(({ host, port }) => ({ host, port }));
  const client = major === 5 ? new Cluster5(nodes, options) : new Cluster6(nodes, options);
  emitter(client).on('error', () => {});
  return client;
}

/** A union of the two classes has no `on` that could be called. */
export function emitter(client: Client | ClusterClient): NodeJS.EventEmitter {
  return client;
}

/** Resolves when commands go straight to the server. */
export async function isReady(client: Client | ClusterClient): Promise<void> {
  if (client.status !== 'ready') await once(emitter(client), 'ready');
}
