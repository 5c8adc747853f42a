import type { RedisClientType } from 'redis';
import { kindOf } from 'redlock-core/adapter';

/** The options that node-redis takes with a command. */
export interface CommandOptions {
  readonly abortSignal: AbortSignal;
  /** How long the command may wait to be written, in ms; 0: without a limit. */
  readonly timeout: number;
  readonly typeMapping: object;
}

/**
 * What the adapter uses of a client for one server, as `createClient` makes it. This is a type of its own, because the
 * classes of two major versions are not assignable to each other.
 */
export interface NodeRedisClient {
  readonly isOpen: boolean;
  readonly isReady: boolean;
  sendCommand(args: string[], options?: CommandOptions): Promise<unknown>;
  connect(): Promise<unknown>;
  destroy(): void;
  on(event: 'connect' | 'ready' | 'reconnecting' | 'end', listener: () => void): unknown;
}

/** What the adapter uses of a client for a Cluster, as `createCluster` makes it. */
export interface NodeRedisCluster {
  readonly isOpen: boolean;
  readonly masters: readonly ClusterMaster[];
  readonly slots: readonly ({ readonly master: ClusterMaster } | undefined)[];
  sendCommand(
    firstKey: string | undefined,
    isReadonly: boolean | undefined,
    args: string[],
    options?: CommandOptions,
  ): Promise<unknown>;
  connect(): Promise<unknown>;
  /** Connects to a master, unless the client is connected or connecting already. */
  nodeClient(master: ClusterMaster): unknown;
}

/** A master. It has no client until it is needed. */
export interface ClusterMaster {
  readonly address: string;
  readonly client?: NodeRedisClient | undefined;
}

/** What the adapter uses of a client for a Sentinel group, as `createSentinel` makes it. */
export interface NodeRedisSentinel {
  readonly isOpen: boolean;
  readonly isReady: boolean;
  connect(): Promise<unknown>;
  on(event: 'topology-change', listener: () => void): unknown;
}

/** @internal */
export type AnyClient = NodeRedisClient | NodeRedisCluster | NodeRedisSentinel;

/**
 * What clients have besides their published type.
 * @internal
 */
export interface Internals {
  /** All kinds of client have it since version 6. */
  readonly _keyPrefix?: string | Buffer;
  /** Only clients for one server have it. */
  readonly options?: {
    readonly socket?: {
      readonly host?: string;
      readonly port?: number;
      readonly path?: string;
    };
  };
  /** Clients for one server have it since version 5.11. */
  _getQueue?(): {
    /** Rejects commands that are written and not answered. */
    flushWaitingForReply(error: Error): void;
  };
  /** Makes a client for the same server with the same options, except for these. */
  duplicate(overrides: object): RedisClientType;
  /**
   * Runs a function with the client of a Sentinel group's master, and runs it again if the connection was lost.
   */
  _execute<T>(isReadonly: false, run: (master: NodeRedisClient) => Promise<T>): Promise<T>;
}

/**
 * Checks that a client is one of node-redis for a server, a Sentinel group or a Cluster.
 * @throws TypeError that says what it is instead
 * @internal
 */
export function requireClient(client: AnyClient): void {
  const given: object = Object(client);
  const isPool = 'idleClients' in given;
  if ('isOpen' in given && 'destroy' in given && !isPool) return;
  const isLegacy = 'sendCommand' in given && !('connect' in given);
  const found = isPool
    ? 'a pool, which does not keep commands in order; pass a client of createClient instead'
    : 'isOpen' in given || 'internal_send_command' in given
      ? 'a client of an earlier version; use redis 5.9 or later, or ioredis'
      : isLegacy
        ? 'what legacy() of a client returns; pass the client itself instead'
        : kindOf(client);
  throw new TypeError(
    `The client must be one of node-redis, as createClient() makes it, but it is ${found}`,
  );
}
