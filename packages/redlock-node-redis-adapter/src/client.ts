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
  on(event: 'connect' | 'ready' | 'end', listener: () => void): unknown;
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
 * What a client for a Sentinel group has besides its published type.
 * @internal
 */
export interface SentinelInternals {
  /** Runs a function with the client of the master, and runs it again if that connection was lost. */
  _execute<T>(isReadonly: false, run: (master: NodeRedisClient) => Promise<T>): Promise<T>;
}

/**
 * What a client for one server has besides its published type.
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
    /** Rejects commands that are written and not answered. */
    flushWaitingForReply(error: Error): void;
  };
  /** A client with the same options, except for these. */
  duplicate(overrides: object): NodeRedisSubscriber;
}

/**
 * What all three kinds of client have since version 6.
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
