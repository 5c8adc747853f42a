import type { LockKeys } from './lock-keys.js';

/**
 * One token on one set of keys: an attempt and, once granted, the lock. It is over when the
 * attempt has failed or the lock was released or lost; from then on nothing is written for it but
 * releases.
 */
export class Claim {
  over = false;
  /** The longest time for which nodes may keep it, in ms. */
  ttl = 0;
  /**
   * What a release puts in the token's place; null: it deletes the keys. An adoption that is not a lock yet
   * gives back the token that it has taken; a lock that is kept for a while is left to a token of nobody.
   */
  successor: string | null = null;
  /** Ms for which a release leaves the keys to its successor; 0: as long as they would have stayed. */
  keepFor = 0;
  /** Known once granted; 0 without fencing. */
  fencingToken = 0;
  /**
   * What clean-up notes of each node, by the node's position. `undefined`: never written to. (Perf: made for five nodes;
   * an array that grows from nothing takes room for seventeen, and locks are many.)
   */
  readonly notes: unknown[] = [undefined, undefined, undefined, undefined, undefined];

  constructor(
    readonly lockKeys: LockKeys,
    readonly token: string,
  ) {}
}
