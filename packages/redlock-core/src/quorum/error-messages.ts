import { listed, quote, QuorumError, ResourceLockedError, type RedlockError } from '../errors.js';
import { lastingErrorIn } from '../protocol/lasting-error.js';
import { ownersIn, type Vote } from '../vote.js';
import { isLocked, type FailedAttempt, type FailedVerdict } from './attempt.js';
import { denialsIn, formatVotes, inNodeOrder, votesOf, type Response } from './response.js';

/**
 * The error for an attempt that got no quorum: what happened, on which nodes, and what to do.
 * @param why what happened and what to do, if the caller knows it better
 */
export function attemptError(
  resources: readonly string[],
  failed: FailedAttempt,
  why?: string,
): RedlockError {
  const votes = votesOf(failed.responses);
  const cause =
    why ??
    inQuarantine(failed) ??
    refusedForGood(failed, votes) ??
    heldByData(failed, votes) ??
    CAUSES[failed.verdict](votes);
  const message = `Cannot lock ${quote(resources)}: ${cause} Votes: ${formatVotes(votes)}`;
  return isLocked(failed)
    ? new ResourceLockedError(message, resources, votes)
    : new QuorumError(message, resources, votes);
}

/**
 * Says that an attempt has failed because nodes are in quarantine; `undefined` if it has not. An attempt ends with the
 * first failure that is one too many, so each of its failed votes is one that decided.
 */
function inQuarantine({ verdict, responses }: FailedAttempt): string | undefined {
  if (verdict !== 'unavailable') return undefined;
  const failed = inNodeOrder(responses).filter(({ reading }) => reading.vote === 'failed');
  const distrusted = failed.filter((response) => quarantinedFor(response) !== undefined);
  if (distrusted.length === 0) return undefined;
  const ms = Math.min(...distrusted.map((response) => quarantinedFor(response) ?? Infinity));
  const names = distrusted.map(({ node }) => node).join(', ');
  const isOne = distrusted.length === 1;
  const others = distrusted.length < failed.length ? ' Check the other nodes that failed.' : '';
  return (
    `no quorum, because ${isOne ? 'node' : 'nodes'} ${names} started or ${isOne ? 'was' : 'were'} replaced lately, ` +
    `may have lost locks, and ${isOne ? 'is' : 'are'} in quarantine for another ${ms} ms. Retry later.${others}`
  );
}

/** Says that nodes refuse every attempt with an error that stays; `undefined` if that is not why it has failed. */
function refusedForGood({ verdict }: FailedAttempt, votes: readonly Vote[]): string | undefined {
  const lasting = verdict === 'unavailable' ? lastingErrorIn(votes) : undefined;
  return lasting && `no quorum, because ${lasting}`;
}

/** Says that keys hold what no lock leaves there; `undefined` if a client may hold a lock. */
function heldByData(failed: FailedAttempt, votes: readonly Vote[]): string | undefined {
  // A token with a label is that of a lock, whichever client has removed its expiry.
  if (ownersIn(votes).length > 0) return undefined;
  const denials = failed.responses.flatMap(denialsIn).filter(({ value }) => value !== null);
  if (denials.length === 0 || denials.some(({ remaining }) => remaining < Infinity))
    return undefined;
  return (
    "its key holds a value that never expires, so it is probably another program's data. " +
    'Choose another keyPrefix, or delete the key.'
  );
}

function quarantinedFor({ reading }: Response): number | undefined {
  return reading.vote === 'failed' ? reading.quarantinedFor : undefined;
}

/** `api-7`, or `another client` if no holder has a label. */
function holdersIn(votes: readonly Vote[]): string {
  const owners = ownersIn(votes);
  if (owners.length === 0) return 'another client';
  const isPartial = votes.some((vote) => vote.result === 'denied' && !vote.owners);
  return listed(owners) + (isPartial ? ' and others' : '');
}

const CAUSES: Record<FailedVerdict, (votes: readonly Vote[]) => string> = {
  locked: (votes) => `locked by ${holdersIn(votes)}. Wait longer, or retry later.`,
  split: () => 'contenders split the votes, and none got a quorum. Retry.',
  unavailable: () => 'no quorum, because too many nodes failed. Check the nodes that failed.',
  superseded: () => 'another client was granted it during the attempt. Retry.',
  unconfirmed: () =>
    'no quorum, because too few nodes confirmed its fencing token. Check the nodes that failed.',
  stale: () =>
    'no quorum, because connections were lost or too much time passed after nodes had granted it. Retry.',
  expired: () =>
    'a quorum granted it too late: the round trip used up its ttl. Use a longer ttl, or check slow nodes.',
  aborted: () => 'the attempt was canceled.',
};

/**
 * The error for an extension that failed while validity is left.
 * @param isCutOff whether fewer than a quorum of nodes have answered
 */
export function extensionError(
  resources: readonly string[],
  responses: readonly Response[],
  isCutOff: boolean,
): QuorumError {
  const votes = votesOf(responses);
  const what = isCutOff
    ? 'too few nodes are reachable'
    : 'fewer than a quorum of nodes acknowledged it';
  const why = lastingErrorIn(votes) ?? `${what}. Retry while validity is left.`;
  const message = `Cannot extend the lock on ${quote(resources)}: ${why} Votes: ${formatVotes(votes)}`;
  return new QuorumError(message, resources, votes);
}
