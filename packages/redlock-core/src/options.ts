/**
 * How a lock is held, as in the Web Locks API. `exclusive`: by one holder alone. `shared`: by any number of holders, and
 * by no exclusive one meanwhile.
 */
export type LockMode = 'exclusive' | 'shared';

/** How to wait for a lock, and how to hold it. */
export interface AcquireOptions {
  /**
   * How long to keep trying, in ms: attempts start within that time. Default 5000; 0 tries once; Infinity is allowed. If
   * contenders have split the votes, up to five more attempts follow within some round trips, also when the time is over.
   */
  wait?: number | undefined;
  /**
   * Cancels the waiting. The call then rejects when the attempt under way is decided and what it got is given back. A lock
   * that the call has returned already is not affected.
   */
  signal?: AbortSignal | undefined;
  /**
   * The pause between two attempts while nodes cannot call the waiter, in ms. Default 200. While a quorum of nodes can,
   * polls are only a net: the first process in the queue polls every 2.5 times `retryDelay`, and each one behind it more
   * rarely, up to 50 times `retryDelay`; on a Cluster, 10 times.
   */
  retryDelay?: number | undefined;
  /** A random time of at most this much is added to each pause, in ms. Default 100. */
  retryJitter?: number | undefined;
  /** Extend the lock every third of its ttl while it is held. Default false; always on in `using`. */
  autoExtend?: boolean | undefined;
  /**
   * For how long after the grant the lock is extended automatically, in ms, so that a routine that hangs does not keep
   * it for ever. Default Infinity. Explicit extensions are not limited.
   */
  maxHold?: number | undefined;
  /**
   * Share the locks of the `using` routine around the call, and take only the other resources from the nodes. Both the
   * routine and the call need this option; the async context tells which routine is around. Default false: the call
   * waits for its own caller, and the error says so.
   */
  reentrant?: boolean | undefined;
  /** Have the nodes agree on a fencing token. Default true; shared locks have none. */
  fencing?: boolean | undefined;
  /**
   * `'shared'`: any number of holders share the lock, as readers do, and no exclusive one has it meanwhile. Default
   * `'exclusive'`.
   */
  mode?: LockMode | undefined;
}

/** How to hold a lock. `tryAcquire` does not wait, and at run time it ignores the options for waiting. */
export type TryAcquireOptions = Omit<AcquireOptions, 'wait' | 'retryDelay' | 'retryJitter'>;

/** How to adopt a lock. An adoption does not wait. */
export type AdoptOptions = Pick<
  AcquireOptions,
  'signal' | 'autoExtend' | 'maxHold' | 'fencing' | 'mode'
>;

/** How to release a lock. */
export interface ReleaseOptions {
  /**
   * Keep the resource locked for this many ms more, without anybody who holds it, instead of giving it back. Use it, for
   * example, if a job must not run again too soon on a machine whose clock is behind. A positive safe integer. Others go on
   * seeing the label of the option `owner`.
   */
  keepFor?: number | undefined;
}

/** How to connect. */
export interface ConnectOptions {
  /** How long to wait for a quorum of nodes, in ms. Default 5000; 0 only looks; Infinity is allowed. */
  wait?: number | undefined;
}

/** How to close. */
export interface CloseOptions {
  /** Release everything that is still held, also in `using` routines, and wait for that. Default false. */
  release?: boolean | undefined;
}

/** Defaults for every acquire of a Redlock, and options that are the same for all of them. */
export interface RedlockOptions extends Omit<AcquireOptions, 'signal'> {
  /** The prefix of every key: key = prefix + resource. Default ''. */
  keyPrefix?: string | undefined;
  /** By which fraction of a ttl clocks may drift apart over it, at least 0 and below 1. Default 0.01. */
  driftFactor?: number | undefined;
  /**
   * How long one command to a node may take, in ms. Default: 5% of the operation's ttl or three round trips of the
   * node, whichever is longer, at least 50 and at most 1000. A node's own `timeout` wins.
   */
  nodeTimeout?: number | undefined;
  /**
   * Whether the grants of a node that has restarted, or was replaced, do not count for `quarantineTime`, because it may
   * have forgotten who holds a lock.
   *
   * `true`, the default: if this Redlock sees the restart, or if it happened since this Redlock was made. `'strict'`:
   * also at first sight of any node that has not been up for that long. `false`: never; for nodes that fsync every
   * write before they answer. It also lets one server pass for two nodes.
   */
  quarantine?: boolean | 'strict' | undefined;
  /**
   * How long a quarantine lasts, in ms. It must be no shorter than the longest ttl that any client of these nodes uses.
   * Default: the longest ttl, extension or `keepFor` that any Redlock of this process has used, at least 5000. Of several
   * Redlocks over one client, the longest counts for all.
   */
  quarantineTime?: number | undefined;
  /**
   * A label that says who holds the locks of this Redlock, the name of a machine or a process for example: 1 to 40
   * characters from space to `~` without `:`, and neither `reserved` nor `shared`. Whoever is denied sees it, in errors
   * and events, and so does everybody who can read the nodes: put no secret into it. It need not be unique, because
   * tokens are `owner:` and a random part. Default: none.
   * @example new Redlock(nodes, { owner: `api@${hostname()}`.slice(0, 40) })
   */
  owner?: string | undefined;
}
