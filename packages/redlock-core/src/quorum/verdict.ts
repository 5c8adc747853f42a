import type { Tally } from './ballot.js';
import { denialsIn, type Response } from './response.js';

/** How many of N nodes must agree: more than half, so that any two quorums share a node. */
export function quorumOf(nodes: number): number {
  return Math.floor(nodes / 2) + 1;
}

/**
 * What the votes on an acquire say. `locked`: others hold the resource or are ahead, as far as the votes say. `split`:
 * no client can hold it, because contenders have shared out the votes. `unavailable`: fewer than a quorum can answer.
 */
export type AcquireVerdict = 'granted' | 'locked' | 'split' | 'unavailable';

/** Judges an acquire as early as the votes allow, for any number of nodes (docs/decisions.md#quorum-of-grants). */
export function judgeAcquire(tally: Tally): AcquireVerdict | undefined {
  const { asked, granted, failed } = tally;
  const quorum = quorumOf(asked);
  if (granted >= quorum) return 'granted';
  if (failed > asked - quorum) return 'unavailable';
  const pending = pendingIn(tally);
  if (granted + pending >= quorum) return undefined;
  const { responses } = tally;
  // Some node must have denied, because those that failed are too few to rule out a quorum by themselves.
  const agreement = largestAgreement(responses);
  if (agreement >= quorum) return 'locked';
  // A node that failed or has not voted might hold any value, and so might one whose key will go to a waiter that is ahead
  // in its queue. A node that granted holds ours.
  const unknown = failed + pending + responses.filter(isAhead).length;
  if (agreement + unknown < quorum) return 'split';
  return pending === 0 ? 'locked' : undefined;
}

/** Whether a node has denied only because a waiter is ahead. */
function isAhead(response: Response): boolean {
  const denials = denialsIn(response);
  return denials.length > 0 && denials.every(({ value }) => value === null);
}

/** The most nodes on which the same value denies the same resource. */
function largestAgreement(responses: readonly Response[]): number {
  const agreements = new Map<string, number>();
  let largest = 0;
  for (const response of responses) {
    for (const { resource, value } of denialsIn(response)) {
      if (value === null) continue;
      const key = `${resource} ${value}`;
      const count = (agreements.get(key) ?? 0) + 1;
      agreements.set(key, count);
      largest = Math.max(largest, count);
    }
  }
  return largest;
}

/**
 * What the votes on a write-back say. `superseded`: a later grant has raised counters above ours, or has taken keys.
 * `unconfirmed`: too few nodes answered.
 */
export type WriteBackVerdict = 'written' | 'superseded' | 'unconfirmed';

/**
 * Judges a write-back.
 * @param agreed how many nodes have the fencing token already
 * @param quorum how many nodes must have it
 */
export function judgeWriteBack(
  agreed: number,
  quorum: number,
): (tally: Tally) => WriteBackVerdict | undefined {
  return (tally) => {
    const acknowledged = agreed + tally.granted;
    const pending = pendingIn(tally);
    if (acknowledged >= quorum) return 'written';
    if (acknowledged + pending >= quorum) return undefined;
    // The verdict does not depend on the order of the votes: it waits while votes that are still out could change it.
    if (acknowledged + tally.failed >= quorum) return 'unconfirmed';
    return acknowledged + tally.failed + pending < quorum ? 'superseded' : undefined;
  };
}

/**
 * What the votes on an extension say. `not-held`: more nodes than a quorum can spare say that the token is not there,
 * which is final. `unreachable`: neither that nor an acknowledgement by a quorum.
 */
export type ExtendVerdict = 'extended' | 'not-held' | 'unreachable';

export function judgeExtend(tally: Tally): ExtendVerdict | undefined {
  const { asked, granted } = tally;
  const quorum = quorumOf(asked);
  if (granted >= quorum) return 'extended';
  const spare = asked - quorum;
  const pending = pendingIn(tally);
  // A node that has our token, but a higher counter, counts neither way.
  const missing = tally.responses.filter(isMissing).length;
  if (missing > spare) return 'not-held';
  return granted + pending >= quorum || missing + pending > spare ? undefined : 'unreachable';
}

/** Whether a node says that the token is not there. */
export function isMissing({ reading: { vote, detail } }: Response): boolean {
  return vote === 'denied' && detail === 'missing';
}

/** Whether a quorum confirms that it held the token until now. */
export function judgeRelease(tally: Tally): boolean | undefined {
  const quorum = quorumOf(tally.asked);
  if (tally.granted >= quorum) return true;
  return tally.granted + pendingIn(tally) < quorum ? false : undefined;
}

/** Decides when every node has voted. */
export function judgeAll(tally: Tally): true | undefined {
  return pendingIn(tally) === 0 || undefined;
}

function pendingIn({ asked, granted, denied, failed }: Tally): number {
  return asked - granted - denied - failed;
}
