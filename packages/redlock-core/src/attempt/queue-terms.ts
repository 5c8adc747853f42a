import type { Patience } from '../quorum/patience.js';
import type { DeferredRelease } from './deferred-release.js';
import type { Refused } from './refused.js';

/** How an attempt stands in the queues of the nodes, if its caller waits in them. */
export interface QueueTerms {
  /** What a denied grant does there, one entry for each key. */
  readonly entries: readonly string[];
  /**
   * What the release of an attempt that has failed does there, one entry for each key.
   * @param quiet whether the nodes call nobody for the key that is held
   */
  withdrawal(refused: Refused, quiet: boolean): readonly string[];
  /** The release of the waiter's attempt before this one. */
  readonly deferred: DeferredRelease;
  /** For how long the attempt waits for nodes that have not answered; none: until their timeouts. */
  readonly patience?: Patience;
}
