import type { Claim } from '../protocol/claim.js';
import { release } from '../protocol/operation.js';
import type { Decision, Judge, Quorum } from '../quorum/quorum.js';
import { judgeAll, judgeRelease } from '../quorum/verdict.js';
import type { Held } from '../waiting/held.js';
import type { WaitingLines } from '../waiting/waiting-lines.js';

export interface ReleaseServices {
  readonly quorum: Quorum;
  readonly lines: WaitingLines;
}

/** A lease, as its release sees it. */
interface Releasable extends Held {
  readonly claim: Claim;
  readonly ttl: number;
}

/** Whether a quorum confirms that it held the lease until now. */
export type Released = Decision<number, boolean>;

const judgeReleaseByAll: Judge<number, boolean> = (responses, nodes) =>
  judgeAll(responses, nodes) && judgeRelease(responses, nodes);

/**
 * Releases a lease on the nodes, and lets the next waiter of this process ask for it in the same command.
 * @param decidedBy whether a quorum is enough, or every node must have answered or have had its time
 */
export function releaseLease(
  { quorum, lines }: ReleaseServices,
  lease: Releasable,
  decidedBy: 'quorum' | 'all',
): Promise<Released> {
  const { claim, ttl } = lease;
  const judge = decidedBy === 'all' ? judgeReleaseByAll : judgeRelease;
  if (claim.successor !== null) {
    const kept = quorum.ask(release(claim, ttl), judge);
    lines.ended(lease);
    return kept;
  }
  const entries = lines.releasing(lease);
  const asked = quorum.ask(release(claim, ttl, { entries }), judge);
  if (lease.lines.some((key) => lines.isAwaited(key))) {
    void asked.then(({ responses }) => lines.released(lease, responses));
  }
  return asked;
}
