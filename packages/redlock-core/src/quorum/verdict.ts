import type { Response } from '../node/response.js';
import type { ExtendDetail, GrantDetail } from '../protocol/reading.js';

/** How many of N nodes must agree: more than half, so that any two quorums share a node. */
export function quorumOf(nodes: number): number {
  return Math.floor(nodes / 2) + 1;
}

/**
 * What the votes on a grant say. `held`: others hold the resource, as far as the votes tell. `split`: nobody can hold
 * it, because contenders have shared out the votes. `broken`: fewer than a quorum of nodes can answer.
 */
export type GrantVerdict = 'granted' | 'held' | 'split' | 'broken';

/** Judges a grant as early as the votes allow, for any number of nodes (docs/decisions/quorum-of-grants.md). */
export function judgeGrant(
  responses: readonly Response<GrantDetail>[],
  nodes: number,
): GrantVerdict | undefined {
  const quorum = quorumOf(nodes);
  const { granted, failed, pending } = count(responses, nodes);
  if (granted >= quorum) return 'granted';
  if (failed > nodes - quorum) return 'broken';
  if (granted + pending >= quorum) return undefined;
  // Some node must have denied, because those that failed are too few to rule out a quorum by themselves.
  const agreement = largestAgreement(responses);
  if (agreement >= quorum) return 'held';
  // A node that failed or has not voted might hold any value. A node that granted holds ours.
  if (agreement + failed + pending < quorum) return 'split';
  return pending === 0 ? 'held' : undefined;
}

/** The most nodes on which the same value denies the same resource. */
function largestAgreement(responses: readonly Response<GrantDetail>[]): number {
  const agreements = new Map<string, number>();
  for (const { detail } of responses) {
    if (typeof detail !== 'object') continue;
    for (const { resource, value } of detail) {
      const key = `${resource} ${value}`;
      agreements.set(key, (agreements.get(key) ?? 0) + 1);
    }
  }
  return Math.max(...agreements.values());
}

/** What the grants say about the fencing counters (docs/decisions/confirm-round.md). */
export function agreementOn(responses: readonly Response<GrantDetail>[]): {
  /** The highest counter: the fencing token, if the attempt succeeds. */
  readonly fencingToken: number;
  /** The responses of the nodes whose counter is the highest one already. */
  readonly agreed: readonly Response<GrantDetail>[];
} {
  let fencingToken = -1;
  for (const { detail } of responses) {
    if (typeof detail === 'number' && detail > fencingToken) fencingToken = detail;
  }
  return { fencingToken, agreed: responses.filter(({ detail }) => detail === fencingToken) };
}

/**
 * What the votes on a confirm say. `overtaken`: a later grant has raised counters above ours, or has taken keys.
 * `unanswered`: too few nodes answered.
 */
export type ConfirmVerdict = 'confirmed' | 'overtaken' | 'unanswered';

/**
 * Judges a confirm.
 * @param agreed how many nodes have the fencing token already
 * @param quorum how many nodes must have it
 * @param nodes how many other nodes were asked
 */
export function judgeConfirm(
  agreed: number,
  quorum: number,
  responses: readonly Response[],
  nodes: number,
): ConfirmVerdict | undefined {
  const { granted, failed, pending } = count(responses, nodes);
  const acknowledged = agreed + granted;
  if (acknowledged >= quorum) return 'confirmed';
  if (acknowledged + pending >= quorum) return undefined;
  // The verdict does not depend on the order of the votes: it waits while votes that are still out could change it.
  if (acknowledged + failed >= quorum) return 'unanswered';
  return acknowledged + failed + pending < quorum ? 'overtaken' : undefined;
}

/**
 * What the votes on an extension say. `taken`: more nodes than a quorum can spare say that the token is not ours, which
 * is final. `unreachable`: neither that nor an acknowledgement by a quorum.
 */
export type ExtendVerdict = 'extended' | 'taken' | 'unreachable';

export function judgeExtend(
  responses: readonly Response<ExtendDetail>[],
  nodes: number,
): ExtendVerdict | undefined {
  const quorum = quorumOf(nodes);
  const spare = nodes - quorum;
  const { granted, pending } = count(responses, nodes);
  if (granted >= quorum) return 'extended';
  const lost = responses.filter(isNotOurs).length;
  if (lost > spare) return 'taken';
  return granted + pending >= quorum || lost + pending > spare ? undefined : 'unreachable';
}

/**
 * Whether a node says that the token is not ours. If it is our token, but a later grant has raised the counter, the
 * vote counts neither way.
 */
function isNotOurs({ vote, detail }: Response<ExtendDetail>): boolean {
  return vote === 'denied' && detail !== 'overtaken';
}

/** Whether a quorum confirms that it held the token until now. */
export function judgeRelease(responses: readonly Response[], nodes: number): boolean | undefined {
  const { granted, pending } = count(responses, nodes);
  if (granted >= quorumOf(nodes)) return true;
  return granted + pending < quorumOf(nodes) ? false : undefined;
}

/** Decides when every node has voted. */
export function judgeAll(responses: readonly Response[], nodes: number): true | undefined {
  return responses.length === nodes || undefined;
}

function count(
  responses: readonly Response[],
  nodes: number,
): { granted: number; denied: number; failed: number; pending: number } {
  // Perf: latency, alone. Every vote is counted, and V8 finds a property by a name that it does not know slowly.
  let granted = 0;
  let denied = 0;
  for (const { vote } of responses) {
    if (vote === 'granted') granted++;
    else if (vote === 'denied') denied++;
  }
  const failed = responses.length - granted - denied;
  return { granted, denied, failed, pending: nodes - responses.length };
}
