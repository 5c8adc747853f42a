/**
 * One voter: a standalone server, a Sentinel group or a whole Cluster, reached through a Redis client. An adapter moves
 * one command and one reply. Scripts, timeouts, retries and clean-up belong to the core.
 */
export interface RedisNode {
  /** The name in votes, errors and events, unique within a Redlock. Must not contain credentials. */
  readonly name: string;
  /**
   * The object that identifies the connection: the client. What the core learns of the servers behind it, such as a
   * restart, holds for all Redlocks of the process over the same client. Default: the node itself.
   */
  readonly client?: object | undefined;
  /** How long one command to this node may take, in ms. Wins over `nodeTimeout`. */
  readonly timeout?: number | undefined;
  /** Only of a Cluster, whose redirections may reorder commands. Keys of one command then share a slot. */
  readonly cluster?: ClusterMasters | undefined;
  /** The prefix that the client itself puts before each key. On a Cluster it counts for the slot. */
  readonly keyPrefix?: string | undefined;
  /**
   * Whether a command that is given to `call` now is written to an established connection, and not put into a queue of
   * the client.
   */
  readonly ready: boolean;
  /**
   * Why the node is not ready: the last error of its connection, with name and message; `undefined` once it is ready. Must
   * show no credentials, at any depth; `defineNode` of redlock-core/adapter sees to that. Without this member, votes cannot say
   * why a node is unreachable.
   */
  readonly lastError?: unknown;
  /**
   * Sends one command and resolves with its reply, integers as numbers or decimal strings. Commands are written in the
   * order in which they are given. Rejects with the client's own error; the message of an error reply begins with its
   * code, as in `NOSCRIPT No matching script`.
   * @param args must not be changed, because other nodes are given the same array next. So if a client takes bytes,
   * they can be made once for all nodes.
   */
  call(args: readonly string[]): Promise<unknown>;
  /**
   * Starts to connect a client that connects lazily; does nothing otherwise, also if its owner has closed it. Never throws.
   */
  connect(): void;
  /**
   * Calls `listener` each time the connection has been established, for the first time or again, until the returned
   * function is called. If the client sends earlier commands again on the connection, the call comes before their
   * replies. Of a Cluster: for the connection to any master, also when a master joins.
   */
  onReady(listener: () => void): () => void;
  /**
   * Calls `listener` with each message on a channel, until the returned function is called. Also calls it without a
   * message each time the subscription has been established, for the first time or again, because messages may have
   * been missed. Calls `onLost` when an established subscription ends: until the next call of `listener`, messages are
   * lost.
   *
   * Takes a separate connection, which is open only while there are listeners, and which is replaced when a ping every 5
   * s finds it dead. A client's key prefix does not apply. Never throws. Without this member, waiters poll.
   */
  subscribe?(
    channel: string,
    listener: (message?: string) => void,
    onLost?: () => void,
  ): () => void;
  /** Drops the connection and makes a new one. Called when the connection has been silent for 10 s; not of a Cluster. */
  reconnect?(): void;
  /** Closes a client that the adapter made itself. */
  close?(): Promise<void>;
}

/** How the core reaches the masters of a Cluster. */
export interface ClusterMasters {
  /**
   * Sends one command to each master that the client knows, ahead of commands that `call` is given later, and resolves
   * with their replies. Rejects if one of them fails.
   */
  callMasters(args: readonly string[]): Promise<readonly unknown[]>;
  /**
   * Returns a name of the master that has a slot, such as its address; `undefined` if the client does not know. A master
   * that stops answering gets no more commands, while the others do. Without names, the core counts slots as masters.
   */
  masterOf(slot: number): string | undefined;
  /**
   * Drops the connection to one master and makes a new one. Called when it has been silent for 10 s.
   * @param master as returned by `masterOf`
   */
  reconnect?(master: string): void;
}
