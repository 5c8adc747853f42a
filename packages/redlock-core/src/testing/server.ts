export interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * A Redis server that the suite may hurt, on the same port over all restarts. Of a Cluster, the
 * master of the slot of `{conformance}`, for all keys have this hash tag.
 */
export interface ConformanceServer extends ServerAddress {
  /** The other servers of a Cluster, where subscriptions may be. */
  readonly peers?: readonly ServerAddress[];
  /** Starts it again after `kill`; resolves when it answers. */
  start(): Promise<void>;
  /** As a power failure does: nothing is said, nothing is sent any more. */
  kill(): Promise<void>;
  /** It keeps its connections and answers nothing, as after SIGSTOP. */
  pause(): Promise<void>;
  /** It goes on with what has arrived meanwhile. */
  resume(): Promise<void>;
  /** The case is over. */
  close(): Promise<void>;
}
