import type { Ballot } from './ballot.js';
import type { Denial } from './operation.js';

/** How many of N nodes must agree: more than half, so that any two quorums share a node. */
export function quorumOf(nodes: number): number {
  return Math.floor(nodes / 2) + 1;
}

/**
 * `held`: others hold it, as far as the votes tell. `split`: nobody can hold it, several contenders
 * have shared out the votes. `broken`: fewer than a quorum of nodes can answer.
 */
export type GrantVerdict = 'granted' | 'held' | 'split' | 'broken';

/** Design section 5, rules 2 and 9. Decides as early as the votes allow, for any number of nodes. */
export function judgeGrant(
  ballots: readonly Ballot<readonly Denial[]>[],
  nodes: number,
): GrantVerdict | undefined {
  const quorum = quorumOf(nodes);
  const { granted, failed, pending } = count(ballots, nodes);
  if (granted >= quorum) return 'granted';
  if (failed > nodes - quorum) return 'broken';
  if (granted + pending >= quorum) return undefined;
  // From here on some node has denied: too few have failed to rule out a quorum by themselves.
  const agreement = largestAgreement(ballots);
  if (agreement >= quorum) return 'held';
  // A node that is silent or failed might hold any value, one that granted holds ours.
  if (agreement + failed + pending < quorum) return 'split';
  return pending === 0 ? 'held' : undefined;
}

/** On how many nodes one and the same value stands in the way of one and the same resource. */
function largestAgreement(ballots: readonly Ballot<readonly Denial[]>[]): number {
  const agreements = new Map<string, number>();
  for (const { detail = [] } of ballots) {
    for (const { resource, value } of detail) {
      const key = `${resource} ${value}`;
      agreements.set(key, (agreements.get(key) ?? 0) + 1);
    }
  }
  return Math.max(...agreements.values());
}

/**
 * `taken`: more nodes than a quorum can spare say that the token is not ours, which is final.
 * `unreachable`: neither that nor a quorum.
 */
export type ExtendVerdict = 'extended' | 'taken' | 'unreachable';

export function judgeExtend(ballots: readonly Ballot[], nodes: number): ExtendVerdict | undefined {
  const spare = nodes - quorumOf(nodes);
  const { granted, denied, pending } = count(ballots, nodes);
  if (granted >= quorumOf(nodes)) return 'extended';
  if (denied > spare) return 'taken';
  const undecided = granted + pending >= quorumOf(nodes) || denied + pending > spare;
  return undecided ? undefined : 'unreachable';
}

/** Whether a quorum confirms that it held the token until now. */
export function judgeRelease(ballots: readonly Ballot[], nodes: number): boolean | undefined {
  const { granted, pending } = count(ballots, nodes);
  if (granted >= quorumOf(nodes)) return true;
  return granted + pending < quorumOf(nodes) ? false : undefined;
}

/** Decides when every node has voted. */
export function judgeAll(ballots: readonly Ballot[], nodes: number): true | undefined {
  return ballots.length === nodes || undefined;
}

function count(
  ballots: readonly Ballot[],
  nodes: number,
): { granted: number; denied: number; failed: number; pending: number } {
  const tally = { granted: 0, denied: 0, failed: 0, pending: nodes - ballots.length };
  for (const { vote } of ballots) tally[vote]++;
  return tally;
}
