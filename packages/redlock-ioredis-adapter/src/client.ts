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
 * A connection for subscriptions only.
 * @internal
 */
export interface IoredisSubscriber {
  subscribe(channel: string): Promise<unknown>;
  unsubscribe(channel: string): Promise<unknown>;
  ping(): Promise<unknown>;
  disconnect(): void;
  on(event: 'ready' | 'end', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'message', listener: (channel: string, message: string) => void): unknown;
}

/**
 * One server of a Cluster.
 * @internal
 */
export interface ClusterMember {
  readonly status: string;
  call(command: string, args: string[]): Promise<unknown>;
  on(event: 'ready', listener: () => void): unknown;
}

/**
 * The further members of a Cluster's client.
 * @internal
 */
export interface ClusterInternals {
  nodes(role: 'master' | 'all'): ClusterMember[];
  on(event: '+node', listener: (member: ClusterMember) => void): unknown;
  off(event: '+node', listener: (member: ClusterMember) => void): unknown;
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

/**
 * What ioredis has besides its published type, on one of its two kinds of client or on both.
 * @internal
 */
export interface ClientInternals {
  duplicate(options: object): IoredisSubscriber;
  sendCommand(command: Command): Promise<unknown>;
  /** Of a Cluster: the clients for its servers. */
  nodes?(): readonly ClientInternals[];
  /** Of a Cluster: host:port of the servers that have each slot, the master first. */
  readonly slots?: readonly (readonly string[] | undefined)[];
  disconnect(reconnect: boolean): void;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'connect' | 'close', listener: () => void): unknown;
  listenerCount(event: 'error'): number;
  readonly stream?: { readonly writable: boolean } | null;
  /** The state of the connection, as far as the client knows. */
  readonly condition?: { readonly select?: number } | null;
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
