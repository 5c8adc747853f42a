import type { Cluster, Redis } from 'ioredis';
import { kindOf } from 'redlock-core/adapter';

/**
 * What the adapter uses of a client. `Redis` and `Cluster` of ioredis 5 and 6 and of iovalkey fit. This is a type of
 * its own, because the classes of two major versions are not assignable to each other.
 */
export interface IoredisClient {
  /** `wait` before a lazy client connects; `ready` when commands are written to a connection. */
  readonly status: string;
  readonly isCluster?: boolean;
  readonly options: object;
  call(command: string, args: string[]): Promise<unknown>;
  connect(): Promise<void>;
  disconnect(reconnect?: boolean): void;
  on(event: 'ready', listener: () => void): unknown;
}

/**
 * A client of either kind, by the types of the latest version. A Cluster has no `stream` and no `condition`.
 * @internal
 */
export type Internals = Omit<Redis, 'stream' | 'condition'> &
  Partial<Pick<Redis, 'stream' | 'condition'>> &
  Partial<Pick<Cluster, 'nodes' | 'slots'>>;

/**
 * The members of a client that {@link IoredisClient} does not have.
 * @throws TypeError if it is no client of ioredis or iovalkey
 * @internal
 */
export function internalsOf(client: IoredisClient): Internals {
  const given: Partial<IoredisClient> | null | undefined = client;
  const isClient = typeof given?.call === 'function' && typeof given.status === 'string';
  if (isClient) return client as unknown as Internals;
  throw new TypeError(
    `The client must be one of ioredis or iovalkey, as new Redis() makes it, but it is ${kindOf(client)}`,
  );
}
