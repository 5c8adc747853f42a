import type { LockLostError } from './errors.js';
import type { Lock } from './lock.js';
import type { ErrorData, Vote } from './vote.js';

/** The events of a Redlock, each with its payload. */
export interface RedlockEvents {
  /**
   * A lock was granted, or adopted. `lock`: its first handle. `waited`: for how many ms its caller has waited for it.
   * `attempts`: the number of attempts; 1 without contention.
   */
  acquired: { lock: Lock; waited: number; attempts: number };
  /** A lock was extended, automatically or by `extend`. `lock`: its first handle. */
  extended: { lock: Lock };
  /**
   * A lock was released that was not lost before. `lock`: its first handle. `confirmed`: whether a quorum confirmed
   * that it was held until now.
   */
  released: { lock: Lock; confirmed: boolean };
  /**
   * A lock can no longer be trusted, and its signal aborts. Emitted exactly once for each such lock, also at the plain
   * end of its validity. `lock`: its first handle. `error`: the reason of the signal.
   */
  lost: { lock: Lock; error: LockLostError };
  /**
   * An attempt was denied. This is ordinary contention, not an error. `resources`: those that were requested. `votes`:
   * the votes of the attempt, node by node. `owners`: the labels of those that hold the resources, each once.
   */
  contended: {
    resources: readonly string[];
    votes: readonly Vote[];
    owners: readonly string[];
  };
  /**
   * A node stops being usable, or was never usable: it does not answer in time, or it refuses to make or keep locks, as
   * a read-only replica does. Emitted once until it recovers. `node`: its name. `error`: why.
   */
  nodeFailed: { node: string; error: ErrorData };
  /**
   * A failed node makes or keeps locks again, or says in time that another owner has one. Emitted once. `node`: its
   * name.
   */
  nodeRecovered: { node: string };
  /**
   * A node may have lost locks, so its grants do not count for a while. Emitted again if the node restarts again.
   * `node`: its name. `duration`: its length in ms. Without `quarantineTime`, a longer ttl that is used later prolongs it.
   */
  nodeQuarantined: { node: string; duration: number };
  /** The quarantine of a node has ended, so its grants count again. `node`: its name. */
  nodeTrusted: { node: string };
  /**
   * A configuration works but is dangerous. Emitted once for each danger. Warnings are kept until there is a listener; the
   * servers' configuration is read only then.
   */
  warning: RedlockWarning;
}

/** The name of an event. */
export type RedlockEventName = keyof RedlockEvents;
/** A listener to an event. */
export type RedlockListener<E extends RedlockEventName> = (payload: RedlockEvents[E]) => void;

/**
 * The code of a {@link RedlockWarning}. `EVEN_NODES`, `FEW_NODES`: about the number of nodes. `QUARANTINE_TOO_SHORT`: about
 * the options. `EVICTION`, `NO_PERSISTENCE`: about the servers of a node.
 */
export type WarningCode =
  'EVEN_NODES' | 'FEW_NODES' | 'QUARANTINE_TOO_SHORT' | 'EVICTION' | 'NO_PERSISTENCE';

/** A danger of a configuration that works. */
export interface RedlockWarning {
  /** The name of the node that the warning is about, if it is about one. */
  readonly node?: string;
  readonly code: WarningCode;
  /** What could go wrong, and how to prevent it. */
  readonly message: string;
}
