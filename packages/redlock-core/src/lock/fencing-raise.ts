import { refusalError } from '../attempt/refusal.js';
import { confirm } from '../protocol/operation.js';
import type { Quorum } from '../quorum/quorum.js';
import { judgeConfirm } from '../quorum/verdict.js';
import type { Extendable } from './extendable.js';

/**
 * Raises the counters of a quorum to a fencing token, and then the lease to it.
 * @param resources those that an error is about
 * @throws LockLostError, ResourceLockedError, QuorumError
 */
export async function raiseFencingToken(
  quorum: Quorum,
  lease: Extendable,
  fencingToken: number,
  resources: readonly string[],
): Promise<void> {
  const { decision, responses } = await quorum.ask(
    confirm(lease.claim, lease.ttl, fencingToken),
    (confirms, nodes) => judgeConfirm(0, quorum.size, confirms, nodes),
  );
  if (decision !== 'confirmed') {
    throw refusalError(resources, { granted: false, refusal: decision, responses });
  }
  // Do not publish a raised token on a lost lock: it could outrank its successors'.
  lease.throwIfOver();
  lease.claim.fencingToken = fencingToken;
}
