/**
 * What the adapter uses of a client: `Redis` and `Cluster` of ioredis 5 and 6 fit, and so does
 * iovalkey. A type of its own, because the classes of two major versions are not assignable.
 */
export interface IoredisClient {
  /** `wait` before a lazy client connects, `ready` when commands are written to a connection. */
  readonly status: string;
  readonly isCluster?: boolean;
  readonly options: object;
  call(command: string, args: string[]): Promise<unknown>;
  connect(): Promise<void>;
  disconnect(reconnect?: boolean): void;
  on(event: 'ready', listener: () => void): unknown;
  off(event: 'ready', listener: () => void): unknown;
}

/** What ioredis has beside its published type, on one of its two kinds of client or on both. */
export interface ClientInternals {
  readonly stream?: { readonly writable: boolean } | null;
  readonly options: {
    readonly host?: string;
    readonly port?: number;
    readonly path?: string | null;
    /** Of the Sentinel group. */
    readonly name?: string | null;
  };
}
