import type { LockKeys } from './keys.js';

/**
 * The connection on which a command was written to each node, by the node's position; `undefined`: to that node it was
 * not written. Perf: memory of a lock. All operations of a batch share one.
 */
export type Written = (number | undefined)[];

/** Perf: memory of a lock. Claims that were written nowhere share it. */
const NOWHERE: Readonly<Written> = Object.freeze([]);

/**
 * One token on one set of keys: an attempt and, once granted, the lock. The claim is over when the attempt has failed,
 * or when the lock was released or lost. From then on nothing but releases is written for it.
 */
export class Claim {
  over = false;
  /** Whether the lock was left to its ttl: nothing is written for it any more. */
  isDetached = false;
  /** The fencing token, known once the claim is granted; 0 without fencing. */
  fencingToken = 0;
  /** The longest time for which nodes may keep the keys, in ms. */
  ttl = 0;
  /** The ticket that its acquire carried. */
  ticket: number | null = null;
  /** When its attempt began, on the monotonic clock. */
  startedAt = 0;
  /** For an adoption that has not succeeded yet: the token that a release gives back. */
  adoptedFrom: string | null = null;
  /** The same: when the keys of each node expired before it, by the node's clock in ms, as far as nodes have said. */
  adoptedExpiry: Map<number, number> | null = null;
  /** For a lock that is released with `keepFor`: who keeps the keys, and until when on the monotonic clock. */
  kept: { readonly token: string; readonly until: number } | null = null;
  /** When the keys have expired by themselves, on the monotonic clock. Known once a release could not be executed. */
  expiredBy: number | null = null;
  /** Whether a release on all nodes is about to be sent, behind all that was sent for it. */
  isReleaseQueued = false;
  /** Where its acquire was written. */
  acquired: Readonly<Written> = NOWHERE;
  /** Where the latest release was written. */
  released: Readonly<Written> = NOWHERE;
  /**
   * Which nodes have answered a release, one bit each. Another command that is answered after it is released again. From the
   * 33rd node on, nodes share bits, which costs a release more.
   */
  releaseAnswered = 0;
  /** Nodes to which no acquire was written, but an extension or a repair. */
  extendedOn: Set<number> | null = null;

  constructor(
    readonly keys: LockKeys,
    readonly token: string,
  ) {}

  /** Whether the node may have something of the claim. */
  wasWrittenTo(node: number): boolean {
    return this.acquired[node] !== undefined || this.extendedOn?.has(node) === true;
  }
}
