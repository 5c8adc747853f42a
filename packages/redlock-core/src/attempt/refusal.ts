import type { Refusal, Refused } from './refused.js';
import type { Denial, GrantDetail } from '../protocol/reading.js';
import { lastingErrorIn } from '../protocol/lasting-error.js';
import { AWAITED, isKept } from '../protocol/word.js';
import { inNodeOrder, tellVotes, votesOf } from '../node/response.js';
import { listed, quote, QuorumError, ResourceLockedError, type RedlockError } from '../errors.js';
import { ownersIn, type Vote } from '../vote.js';

/** Whether others hold the resource, as opposed to too many nodes that failed. */
export function isBusy({ refusal }: Refused): boolean {
  return refusal === 'held' || refusal === 'split' || refusal === 'overtaken';
}

/**
 * Whether the nodes call nobody when the attempt is withdrawn, because others hold a quorum or too few nodes answer. If the
 * resource is free on a quorum and only awaited, nobody may have called the process that waits for it.
 */
export function isQuiet({ refusal, responses }: Refused, quorum: number): boolean {
  if (refusal !== 'held') return refusal === 'broken';
  return responses.filter(({ detail }) => isAwaited(detail)).length < quorum;
}

/** Whether nobody holds anything on a node that has denied an attempt, and it calls the next one when it is told. */
export function isAwaited(detail: GrantDetail | void): boolean {
  if (typeof detail !== 'object') return false;
  return (
    detail.some(({ value }) => value === AWAITED) &&
    detail.every(({ value, tokens }) => isKept(value, tokens))
  );
}

/** What has denied an attempt, on all nodes together. */
export function denialsIn({ responses }: Refused): readonly Denial[] {
  return responses.flatMap(({ detail }) => (typeof detail === 'object' ? detail : []));
}

/**
 * The error for an attempt that got no quorum: what happened, on which nodes, and what to do.
 * @param why what happened and what to do, if the caller knows it better
 */
export function refusalError(
  resources: readonly string[],
  refused: Refused,
  why?: string,
): RedlockError {
  const votes = votesOf(refused.responses);
  const what =
    why ??
    inQuarantine(resources, refused) ??
    refusedForGood(resources, refused, votes) ??
    WORDS[refused.refusal](quote(resources), votes);
  const message = `${what}${what.endsWith('.') ? '' : '.'} Votes: ${tellVotes(votes)}`;
  return isBusy(refused)
    ? new ResourceLockedError(message, resources, votes)
    : new QuorumError(message, resources, votes);
}

/**
 * Says that an attempt has failed because nodes are in quarantine; `undefined` if it has not. An attempt ends with the
 * first failure that is one too many, so each of its failed votes is one that decided.
 */
function inQuarantine(
  resources: readonly string[],
  { refusal, responses }: Refused,
): string | undefined {
  if (refusal !== 'broken') return undefined;
  const failed = inNodeOrder<unknown>(responses).filter(({ vote }) => vote === 'failed');
  const distrusted = failed.filter(({ quarantinedFor }) => quarantinedFor !== undefined);
  if (distrusted.length === 0) return undefined;
  const ms = Math.min(...distrusted.map(({ quarantinedFor = Infinity }) => quarantinedFor));
  const names = distrusted.map(({ node }) => node).join(', ');
  const others = distrusted.length < failed.length ? '; check the other nodes that failed' : '';
  return (
    `For ${ms} ms more too few nodes count for a lock on ${quote(resources)}, because ${names} ` +
    `${distrusted.length > 1 ? 'were' : 'was'} restarted or replaced and may have forgotten who ` +
    `holds it${others}`
  );
}

/** Says that nodes refuse every attempt with an error that stays; `undefined` if that is not why it has failed. */
function refusedForGood(
  resources: readonly string[],
  { refusal }: Refused,
  votes: readonly Vote[],
): string | undefined {
  const lasting = refusal === 'broken' ? lastingErrorIn(votes) : undefined;
  return lasting && `Cannot lock ${quote(resources)}: no quorum, because ${lasting}`;
}

/** `api-7`, or `another owner` if no holder has a label. */
function tellHolders(votes: readonly Vote[]): string {
  const owners = ownersIn(votes);
  if (owners.length === 0) return 'another owner';
  const isPartial = votes.some((vote) => vote.vote === 'denied' && !vote.owners);
  return listed(owners) + (isPartial ? ' and others' : '');
}

const WORDS: Record<Refusal, (resources: string, votes: readonly Vote[]) => string> = {
  held: (resources, votes) =>
    `${resources} is locked by ${tellHolders(votes)}; wait longer or try again later`,
  split: (resources) => `${resources} is contended and no contender got a quorum; try again`,
  broken: (resources) =>
    `No quorum of nodes could be asked for ${resources}; check the nodes that failed`,
  overtaken: (resources) => `${resources} was granted to another owner meanwhile; try again`,
  unanswered: (resources) =>
    `Too few nodes confirmed the fencing token of ${resources}; check the nodes that failed`,
  stale: (resources) =>
    `Too many connections were lost, or too much time passed, after nodes had granted ${resources}; try again`,
  late: (resources) =>
    `A quorum granted ${resources} too late for its ttl; use a longer ttl or check the slow nodes`,
};
