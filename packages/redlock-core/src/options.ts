import type { Vote } from './vote.js';

/**
 * How a lock is held, as in the Web Locks API. `exclusive`: by one holder alone. `shared`: by any number of holders, and
 * by no exclusive one meanwhile.
 */
export type LockMode = 'exclusive' | 'shared';

/** How to wait for a lock, and how to hold it. */
export interface AcquireOptions {
  /**
   * Time to keep trying, in ms: attempts start within that time. Default 5000; 0 tries once; Infinity is allowed. If
   * contenders have split the votes, up to five more attempts follow within a few round trips, even after that time.
   */
  wait?: number | undefined;
  /**
   * Ends the waiting at once: the call rejects with the signal's reason, and what was granted is released. In `using` and
   * `tryUsing` it also aborts the routine's signal, with the same reason. A lock that the call has returned is not
   * affected.
   */
  signal?: AbortSignal | undefined;
  /**
   * Interval of the fallback polling, in ms. Default 200; 0 is allowed. Waiters are normally woken by a notification;
   * polling only matters if it gets lost. While notifications work, the interval is five times this,
   * at most 1 s, but at least this. Otherwise a random part of up to half of it is added.
   */
  pollInterval?: number | undefined;
  /** Extend the lock every third of its ttl while it is held. Default false; always on in `using`. */
  autoExtend?: boolean | undefined;
  /**
   * How long after the grant the lock is extended automatically, in ms. A limit ends the lock of a routine that
   * hangs. Default Infinity. Explicit extensions are not limited.
   */
  maxHold?: number | undefined;
  /**
   * Share the locks of the `using` routine around the call, and take only the other resources from the nodes. Both the
   * routine and the call need this option; the async context identifies the surrounding routine. Default false: the call
   * waits for its own caller, and the error says so.
   */
  reentrant?: boolean | undefined;
  /** Have the nodes agree on a fencing token. Default true; shared locks have none. */
  fencing?: boolean | undefined;
  /**
   * `'shared'`: any number of holders share the lock, as readers do, and excludes exclusive ones. Default
   * `'exclusive'`.
   */
  mode?: LockMode | undefined;
  /**
   * Called once for each attempt, when every node has voted or failed, with the votes in the order of the nodes: also with
   * those that came after the decision. Its errors are ignored.
   */
  onVotes?: ((votes: readonly Vote[]) => void) | undefined;
  /**
   * Takes the lock from its holder, as `steal` of the Web Locks API does. The former holder is fenced off at once, and
   * learns of it at its next extension (`NOT_HELD`). Only for one resource in exclusive mode, and without `reentrant`. It
   * does not wait; after five unsuccessful attempts the call ends as if the lock was held. A value without expiry and a shared
   * lock are not taken. Default false.
   */
  steal?: boolean | undefined;
}

/**
 * How to hold a lock. `tryAcquire` and `tryUsing` do not wait, and at run time they ignore the options for waiting.
 */
export type TryAcquireOptions = Omit<AcquireOptions, 'wait' | 'pollInterval'>;

/** How to adopt a lock. An adoption does not wait. */
export type AdoptOptions = Pick<
  AcquireOptions,
  'signal' | 'autoExtend' | 'maxHold' | 'fencing' | 'mode'
>;

/** How to release a lock. */
export interface ReleaseOptions {
  /**
   * Keeps the resource locked for this many ms after the release, without a holder. Use it, for example, if a job must not
   * run again too soon on a machine whose clock is behind. A positive safe integer. Other clients still see the label of
   * the option `owner`.
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
export interface RedlockOptions extends Omit<AcquireOptions, 'signal' | 'steal' | 'mode'> {
  /** The prefix of every key: key = prefix + resource. Default ''. */
  keyPrefix?: string | undefined;
  /** The fraction of a ttl by which clocks may drift apart over it, at least 0 and below 1. Default 0.01. */
  driftFactor?: number | undefined;
  /**
   * How long one command to a node may take, in ms. Default: 5% of the operation's ttl or three round trips of the
   * node, whichever is longer, at least 50 and at most 1000. A node's own `timeout` wins.
   */
  nodeTimeout?: number | undefined;
  /**
   * Whether the grants of a node that has restarted, or was replaced, do not count for `quarantineTime`, because it may
   * have lost locks.
   *
   * `true` (default): after a restart that this Redlock has seen, or that happened since it was made. `'strict'`: also any
   * node whose uptime is shorter than `quarantineTime` when it is first seen. `false`: never; only for nodes that fsync
   * every write before they answer. It also disables the check that two nodes are one server.
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
   * characters from space to `~` without `:`, and no word of the protocol (`shared`, `awaited`). Other clients see it
   * when they are denied, in errors and events, and so do all who can read the nodes: put no secret into it. It need not
   * be unique, because tokens are `owner:` and a random part. Default: none.
   * @example new Redlock(nodes, { owner: `api@${hostname()}`.slice(0, 40) })
   */
  owner?: string | undefined;
}
