/** What node-redis lets a command take along. */
export interface CommandOptions {
  readonly abortSignal: AbortSignal;
  /** How long it may wait to be written, in ms; 0 for as long as it takes. */
  readonly timeout: number;
  readonly typeMapping: object;
}

/**
 * What the adapter uses of a client for one server, as `createClient` makes it. A type of its own,
 * because the classes of two major versions are not assignable.
 */
export interface NodeRedisClient {
  readonly isOpen: boolean;
  readonly isReady: boolean;
  sendCommand(args: string[], options?: CommandOptions): Promise<unknown>;
  connect(): Promise<unknown>;
  destroy(): void;
  on(event: 'connect' | 'ready' | 'end', listener: () => void): unknown;
}

/** Of a client for a Cluster, as `createCluster` makes it. */
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
  /** Connects to a master, unless the client is or tries to. */
  nodeClient(master: ClusterMaster): unknown;
}

/** One that has not been needed yet has no client. */
export interface ClusterMaster {
  readonly address: string;
  readonly client?: NodeRedisClient | undefined;
}

/** Of a client for a Sentinel group, as `createSentinel` makes it. */
export interface NodeRedisSentinel {
  readonly isOpen: boolean;
  readonly isReady: boolean;
  connect(): Promise<unknown>;
  on(event: 'topology-change', listener: () => void): unknown;
}

/** @internal */
export type AnyClient = NodeRedisClient | NodeRedisCluster | NodeRedisSentinel;

/**
 * What a Sentinel group's client has beside its published type.
 * @internal
 */
export interface SentinelInternals {
  /** Runs it with the client of the master, and again where that was lost. */
  _execute<T>(isReadonly: false, run: (master: NodeRedisClient) => Promise<T>): Promise<T>;
}

/**
 * What a client for one server has beside its published type.
 * @internal
 */
export interface ClientInternals {
  readonly options?: {
    readonly socket?: {
      readonly host?: string;
      readonly port?: number;
      readonly path?: string;
    };
  };
  /** Since version 5.11. */
  _getQueue?(): {
    /** Rejects what has been written and not answered. */
    flushWaitingForReply(error: Error): void;
  };
  /** One with the same options, but for these. */
  duplicate(overrides: object): NodeRedisSubscriber;
}

/**
 * Since version 6, of all three.
 * @internal
 */
export interface KeyPrefixed {
  readonly _keyPrefix?: string | Buffer;
}

/** A connection for subscriptions only. */
interface NodeRedisSubscriber {
  readonly isOpen: boolean;
  connect(): Promise<unknown>;
  destroy(): void;
  ping(): Promise<unknown>;
  subscribe(channel: string, listener: (message: string, channel: string) => void): Promise<void>;
  unsubscribe(channel: string): Promise<void>;
  on(event: 'error', listener: () => void): unknown;
}
