import { kindOf, type SubscriberConnection } from 'redlock-core/adapter';

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
 * What ioredis has besides its published type, on one of its two kinds of client or on both.
 * @internal
 */
export interface Internals extends Omit<IoredisClient, 'on' | 'options'> {
  duplicate(options: object): Subscriber;
  sendCommand(command: Command): Promise<unknown>;
  on(event: 'connect' | 'ready' | 'close', listener: () => void): unknown;
  on(event: 'error', listener: (error: ClientError) => void): unknown;
  on(event: '+node', listener: (server: Internals) => void): unknown;
  listenerCount(event: 'error'): number;
  readonly stream?: { readonly writable: boolean } | null;
  /** The state of the connection, as far as the client knows. */
  readonly condition?: { readonly select?: number } | null;
  /** The clients for the servers of a Cluster. */
  nodes?(role?: 'master'): readonly Internals[];
  /** On a Cluster, host:port of the servers of each slot, the master first. */
  readonly slots?: readonly (readonly string[] | undefined)[];
  readonly options: {
    readonly keyPrefix?: string;
    readonly db?: number;
    readonly host?: string;
    readonly port?: number;
    readonly path?: string | null;
    /** The name of the Sentinel group. */
    readonly name?: string | null;
  };
}

/**
 * A command that a client sends.
 * @internal
 */
export interface Command {
  args: readonly string[];
  /** The bytes that are written to the connection, also if the client sends the command again on another one. */
  toWritable(): Buffer;
}

/** @internal */
export interface ClientError extends Error {
  /** Why a Cluster's client could not reach the last server. */
  readonly lastNodeError?: Error;
}

/** A connection for subscriptions only. */
interface Subscriber extends Omit<SubscriberConnection, 'close'> {
  connect(): Promise<void>;
  disconnect(): void;
  on(event: 'end', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'message', listener: (channel: string, message: string) => void): unknown;
}

/**
 * The members of a client that are not in its published type.
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
