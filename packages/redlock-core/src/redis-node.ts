/**
 * One voter: a standalone server, a Sentinel group or a whole Cluster, reached through somebody's
 * Redis client. An adapter moves one command and one reply; scripts, timeouts, retries and
 * clean-up are the core's.
 */
export interface RedisNode {
  /** Shown in votes, errors and events, unique within a Redlock. Never contains credentials. */
  readonly name: string;
  /** How long one command to this node may take, in ms. Wins over `nodeTimeout`. */
  readonly timeout?: number | undefined;
  /** The node is a Cluster: keys of one command share a slot, and redirections may reorder commands. */
  readonly cluster?: boolean | undefined;
  /** What the client itself puts before each key: on a Cluster it counts for the slot. */
  readonly keyPrefix?: string | undefined;
  /**
   * Whether a command given to `call` now is written to an established connection, and not put in
   * a queue of the client's.
   */
  readonly ready: boolean;
  /**
   * Why it is not ready: the last error of its connection, `undefined` once it is ready. Shows no credentials,
   * at any depth: `LastError` of redlock-core/adapter sees to that. Without this member votes cannot say why a
   * node is away.
   */
  readonly lastError?: unknown;
  /**
   * Sends one command and resolves with its reply, integers as numbers or decimal strings. Commands
   * are written in the order in which they are given. Rejects with the client's own error; the
   * message of an error reply begins with its code, as in `NOSCRIPT No matching script`.
   * @param args not to be changed: other nodes are given the same array, next. (So where a client takes
   * bytes, they need to be made only once.)
   */
  call(args: readonly string[]): Promise<unknown>;
  /**
   * Of a Cluster, and only there: sends one command to each master that the client knows, ahead of what
   * `call` is given later, and resolves with their replies. Rejects when one of them fails. Without it a
   * Cluster is known by whichever master answers, and a reconnection may be taken for a restart.
   */
  callMasters?(args: readonly string[]): Promise<readonly unknown[]>;
  /** Starts to connect a client that connects lazily; otherwise does nothing. Never throws. */
  connect(): void;
  /**
   * Calls `listener` each time the connection has been (re)established, and before the reply to any command
   * given earlier that was sent again on it, until the result is called. Of a Cluster: the connection to
   * any master, also when a master joins.
   */
  onReady(listener: () => void): () => void;
  /**
   * Calls `listener` with each message on a channel, until the result is called; and without one each
   * time the subscription has been (re)established, because something may have been missed. Calls `onLost`
   * when a subscription that was established is no longer: until the next call of `listener` nothing is heard.
   * Takes a connection of its own, which is open only while somebody listens, and replaced when a ping every
   * 5 s finds it dead. A client's key prefix does not apply. Never throws. Without it, who waits polls.
   */
  subscribe?(
    channel: string,
    listener: (message?: string) => void,
    onLost?: () => void,
  ): () => void;
  /**
   * Of a Cluster: the master that has a slot, as far as the client knows, by any name. Each that stops
   * answering is left alone by itself; without this, each slot is.
   */
  masterOf?(slot: number): string | undefined;
  /**
   * Drops the connection and makes a new one: called when this one has been silent for 10 s.
   * @param master of a Cluster: the one that is silent, as `masterOf` has named it
   */
  reconnect?(master: string): void;
  /** Closes a client that the adapter made itself. */
  close?(): Promise<void>;
}
