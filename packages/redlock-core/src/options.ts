/** How to wait for a lock and how to hold it. */
export interface AcquireOptions {
  /** How long to keep trying, in ms: attempts start within it. Default 5000; 0 tries once; Infinity is allowed. */
  wait?: number | undefined;
  /** Cancels the waiting, never a lock already granted. */
  signal?: AbortSignal | undefined;
  /**
   * Pause between two attempts while nothing is announced, in ms. Default 200. It doubles up to ten times
   * that while a quorum's announcements are heard.
   */
  retryDelay?: number | undefined;
  /** At most this much, at random, is added to each pause, in ms. Default 100. */
  retryJitter?: number | undefined;
  /** Extend the lock at every third of its ttl for as long as it is held. Default false; always on in `using`. */
  autoExtend?: boolean | undefined;
  /**
   * How long after the grant the lock is extended automatically at most, in ms: a routine that hangs
   * must not keep it for ever. Default Infinity. Explicit extensions are not limited.
   */
  maxHold?: number | undefined;
  /**
   * In the async context of a `using` routine, with this set for both, take a handle on what that
   * holds already, and only the rest from the nodes. Default false: the call waits for its own caller, and the
   * error says so.
   */
  reentrant?: boolean | undefined;
  /** Have the nodes agree on a fencing token. Default true. */
  fencing?: boolean | undefined;
}

/** How to hold a lock. `tryAcquire` does not wait; at run time it ignores the options for that. */
export type TryAcquireOptions = Omit<AcquireOptions, 'wait' | 'retryDelay' | 'retryJitter'>;

/** How to release a lock. */
export interface ReleaseOptions {
  /**
   * Keep the lock for so many ms more, with no owner, instead of giving it back: a job that must not
   * run again too soon, on a machine whose clock is behind, say. A positive safe integer.
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
  /** Release whatever is still held, also in `using` routines, and wait for that. Default false. */
  release?: boolean | undefined;
}

/** Defaults for every acquire of this Redlock, and what is the same for all of them. */
export interface RedlockOptions extends Omit<AcquireOptions, 'signal'> {
  /** Put before every resource to make its key. Default ''. */
  keyPrefix?: string | undefined;
  /** The part of a ttl by which clocks may drift apart over it, at least 0 and below 1. Default 0.01. */
  driftFactor?: number | undefined;
  /**
   * How long one command to a node may take, in ms. Default 5% of the operation's ttl, at least 50
   * and at most 1000. A node's own `timeout` wins.
   */
  nodeTimeout?: number | undefined;
  /**
   * Whether the grants of a node that has restarted, or was replaced, do not count for `quarantineTime`: it
   * may have forgotten who holds a lock. `true`, the default: where that is seen, or has happened since this
   * Redlock was made. `'strict'`: also at first sight of any node that has not been up for so long.
   * `false`: for nodes that fsync every write before they answer; also lets one server pass for two nodes.
   */
  quarantine?: boolean | 'strict' | undefined;
  /**
   * How long, in ms; no shorter than the longest ttl that any client of these nodes uses. Default: the
   * longest ttl, extension or `keepFor` that this Redlock has used, at least 5000.
   */
  quarantineTime?: number | undefined;
}
