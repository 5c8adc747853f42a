export interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * A Redis server that the suite may hurt, on the same port over all restarts. Of a Cluster: the master of the slot of
 * `{conformance}`, because all keys have this hash tag.
 */
export interface ConformanceServer extends ServerAddress {
  /** The other servers of a Cluster, on which subscriptions may be. */
  readonly peers?: readonly ServerAddress[];
  /** Starts the server again after `kill`, and resolves when it answers. */
  start(): Promise<void>;
  /** Kills the server as a power failure does, without another word to clients. */
  kill(): Promise<void>;
  /** Stops the server as SIGSTOP does: it keeps its connections and answers nothing. */
  pause(): Promise<void>;
  /** Lets a stopped server go on with what has arrived meanwhile. */
  resume(): Promise<void>;
  /** Removes the server, because the case has ended. */
  close(): Promise<void>;
}
