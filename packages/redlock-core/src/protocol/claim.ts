import type { LockKeys } from './lock-keys.js';

/**
 * One token on one set of keys: an attempt and, once granted, the lock. The claim is over when the attempt has failed,
 * or when the lock was released or lost. From then on nothing but releases is written for it.
 */
export class Claim {
  over = false;
  /** The longest time for which nodes may keep the keys, in ms. */
  ttl = 0;
  /**
   * The token that a release puts in the place of the claim's own; null: the release deletes the keys. An adoption that
   * has not succeeded yet gives the former token back. A lock that is released with `keepFor` is left to a token that
   * nobody has.
   */
  successor: string | null = null;
  /** For how many ms a release leaves the keys to the successor; 0: until they expire. */
  keepFor = 0;
  /**
   * Whether nobody is called when a release frees a key of the claim. So it is after an attempt that failed while others
   * held a quorum: otherwise a node of the minority, which happens to be free, would call somebody once a round trip for as
   * long as the lock is held.
   */
  quiet = false;
  /** The fencing token, known once the claim is granted; 0 without fencing. */
  fencingToken = 0;
  /**
   * The notes of clean-up, indexed by node. `undefined`: never written to. Perf: memory of a lock. The array is made
   * for five nodes; one that grows from nothing takes room for seventeen.
   */
  readonly notes: unknown[] = [undefined, undefined, undefined, undefined, undefined];

  constructor(
    readonly lockKeys: LockKeys,
    readonly token: string,
  ) {}
}
