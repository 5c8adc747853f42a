import type { LockLostError } from './errors.js';
import type { Lock } from './lock.js';
import type { ErrorData, Vote } from './vote.js';
import type { Warning } from './warning.js';

export interface RedlockEvents {
  acquired: { lock: Lock };
  extended: { lock: Lock };
  /** Not for a lock that was already lost. `confirmed`: a quorum said we held it until now. */
  released: { lock: Lock; confirmed: boolean };
  /**
   * Exactly once per lock whose signal aborts, also at the plain end of its validity. Where that is because the Redlock
   * was closed under a routine, the lock may still be released in time.
   */
  lost: { lock: Lock; error: LockLostError };
  /** An attempt was denied. Ordinary contention, no error. */
  contended: { resources: readonly string[]; votes: readonly Vote[] };
  /**
   * Once when a node stops being usable, or when it never was: it does not answer in time, or it refuses to make or
   * keep locks, as a read-only replica does.
   */
  nodeFailed: { node: string; error: ErrorData };
  /** Once when a failed node makes or keeps a lock again, or says in time that another owner has it. */
  nodeRecovered: { node: string };
  /**
   * A node may have forgotten locks: its grants do not count for so many ms, or longer where `quarantineTime`
   * is not given and a longer ttl is used meanwhile. Anew when it restarts again.
   */
  nodeQuarantined: { node: string; ms: number };
  /** The quarantine of a node is over: its grants count again. */
  nodeTrusted: { node: string };
  /**
   * A set-up that works and is dangerous. Once each; what is known before anybody listens is told then. Only while
   * somebody does are the nodes asked how they are set up.
   */
  warning: Warning;
}

export type EventName = keyof RedlockEvents;
export type Listener<E extends EventName> = (payload: RedlockEvents[E]) => void;
