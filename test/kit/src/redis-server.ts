/** One Redis (or Valkey) server that a test, the demo or the bench owns and may hurt. */
export interface RedisServer {
  /** `node-1`, `node-2`, ... */
  readonly name: string;
  readonly host: string;
  /** The same over all restarts. */
  readonly port: number;
  /**
   * Starts, or restarts, on the same port with its data (append-only file, fsync always), or
   * without them with `empty: true`. Resolves when the server answers PING.
   */
  start(options?: StartOptions): Promise<void>;
  /** SIGKILL; resolves once the server is gone. Idempotent. */
  kill(): Promise<void>;
  /** SIGSTOP: the server keeps its connections and answers nothing. */
  pause(): Promise<void>;
  /** SIGCONT */
  resume(): Promise<void>;
  /** Kills the server and removes its data. Idempotent; works when paused. */
  close(): Promise<void>;
}

export interface StartOptions {
  empty?: boolean;
}

export interface ServerOptions {
  /** More redis.conf directives, given to the server as `--key value`. */
  config?: Readonly<Record<string, string>>;
  /** Runs as a Sentinel, which watches other servers, instead. */
  sentinel?: boolean;
}
