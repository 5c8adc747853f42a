import type { LockLostError } from '../errors.js';
import type { Lock } from '../lock.js';
import type { LockMode } from '../mode.js';
import type { Claim } from '../protocol/claim.js';
import type { Validity } from '../time/validity.js';
import type { Watchable } from './watchdog.js';

/** A lease, as its extensions see it. */
export interface Extendable extends Watchable {
  readonly resources: readonly string[];
  readonly claim: Claim;
  readonly mode: LockMode;
  /** The first handle on the lease, which events show. */
  readonly lock: Lock;
  /** The ttl of the last extension that succeeded; at first, that of the grant. */
  readonly ttl: number;
  /** Whether the lease was released, lost or detached. */
  readonly isOver: boolean;
  /** The validity that is left in ms; 0 if the lease is over. Notices the end of validity. */
  remaining(): number;
  /**
   * Notices the end of validity.
   * @throws LockLostError if the lease is over
   */
  throwIfOver(): void;
  /** Takes the validity of an extension that has succeeded, if that ends later than its own. */
  prolong(validity: Validity, ttl: number): void;
  /** Ends the lease, because its holder can no longer trust it. */
  lose(loss: LockLostError): void;
}
