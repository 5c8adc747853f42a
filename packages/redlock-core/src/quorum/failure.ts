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
  const what =
    why ??
    inQuarantine(resources, failed) ??
    refusedForGood(resources, failed, votes) ??
    heldByData(resources, failed, votes) ??
    WORDS[failed.verdict](quote(resources), votes);
  const message = `${what}${what.endsWith('.') ? '' : '.'} Votes: ${formatVotes(votes)}`;
  return isLocked(failed)
    ? new ResourceLockedError(message, resources, votes)
    : new QuorumError(message, resources, votes);
}

/**
 * Says that an attempt has failed because nodes are in quarantine; `undefined` if it has not. An attempt ends with the
 * first failure that is one too many, so each of its failed votes is one that decided.
 */
function inQuarantine(
  resources: readonly string[],
  { verdict, responses }: FailedAttempt,
): string | undefined {
  if (verdict !== 'unavailable') return undefined;
  const failed = inNodeOrder(responses).filter(({ reading }) => reading.vote === 'failed');
  const distrusted = failed.filter((response) => quarantinedFor(response) !== undefined);
  if (distrusted.length === 0) return undefined;
  const ms = Math.min(...distrusted.map((response) => quarantinedFor(response) ?? Infinity));
  const names = distrusted.map(({ node }) => node).join(', ');
  const others = distrusted.length < failed.length ? '; check the other nodes that failed' : '';
  return (
    `For ${ms} ms more too few nodes count for a lock on ${quote(resources)}, because ${names} ` +
    `${distrusted.length > 1 ? 'were' : 'was'} started or replaced lately and may have forgotten ` +
    `who holds it${others}`
  );
}

/** Says that nodes refuse every attempt with an error that stays; `undefined` if that is not why it has failed. */
function refusedForGood(
  resources: readonly string[],
  { verdict }: FailedAttempt,
  votes: readonly Vote[],
): string | undefined {
  const lasting = verdict === 'unavailable' ? lastingErrorIn(votes) : undefined;
  return lasting && `Cannot lock ${quote(resources)}: no quorum, because ${lasting}`;
}

/** Says that keys hold what no lock leaves there; `undefined` if somebody may hold a lock. */
function heldByData(
  resources: readonly string[],
  failed: FailedAttempt,
  votes: readonly Vote[],
): string | undefined {
  // A token with a label is that of a lock, whoever has removed its expiry.
  if (ownersIn(votes).length > 0) return undefined;
  const denials = failed.responses.flatMap(denialsIn).filter(({ value }) => value !== null);
  if (denials.length === 0 || denials.some(({ remaining }) => remaining < Infinity))
    return undefined;
  return (
    `The key of ${quote(resources)} holds a value that never expires, so it is probably another ` +
    "program's data; choose another keyPrefix, or delete the key"
  );
}

function quarantinedFor({ reading }: Response): number | undefined {
  return reading.vote === 'failed' ? reading.quarantinedFor : undefined;
}

/** `api-7`, or `another owner` if no holder has a label. */
function tellHolders(votes: readonly Vote[]): string {
  const owners = ownersIn(votes);
  if (owners.length === 0) return 'another owner';
  const isPartial = votes.some((vote) => vote.vote === 'denied' && !vote.owners);
  return listed(owners) + (isPartial ? ' and others' : '');
}

const WORDS: Record<FailedVerdict, (resources: string, votes: readonly Vote[]) => string> = {
  locked: (resources, votes) =>
    `${resources} is locked by ${tellHolders(votes)}; wait longer or try again later`,
  split: (resources) => `${resources} is contended and no contender got a quorum; try again`,
  unavailable: (resources) =>
    `No quorum of nodes could be asked for ${resources}; check the nodes that failed`,
  superseded: (resources) => `${resources} was granted to another owner meanwhile; try again`,
  unconfirmed: (resources) =>
    `Too few nodes confirmed the fencing token of ${resources}; check the nodes that failed`,
  stale: (resources) =>
    `Too many connections were lost, or too much time passed, after nodes had granted ${resources}; try again`,
  expired: (resources) =>
    `A quorum granted ${resources} too late for its ttl; use a longer ttl or check the slow nodes`,
  aborted: (resources) => `The attempt to lock ${resources} was given up`,
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
  const why = lastingErrorIn(votes) ?? `${what}. Try again while validity is left.`;
  const message = `Cannot extend the lock on ${quote(resources)}: ${why} Votes: ${formatVotes(votes)}`;
  return new QuorumError(message, resources, votes);
}
