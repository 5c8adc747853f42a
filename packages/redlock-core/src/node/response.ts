import type { ExtendDetail, GrantDetail } from '../protocol/reading.js';
import { ownersIn } from '../protocol/owner.js';
import type { ErrorData, Vote } from '../vote.js';

/** When and where a command was written. */
export interface Written {
  /** The connection, as `Connection.number` counts them. */
  readonly connection: number;
  /** The time, on the monotonic clock. */
  readonly sentAt: number;
}

/** One node's vote in a round, with what its reply says. */
export interface Response<T = unknown> {
  /** The node's position. */
  readonly index: number;
  /** The node's name. */
  readonly node: string;
  readonly vote: Vote['vote'];
  readonly detail?: T | undefined;
  readonly error?: ErrorData | undefined;
  /** For how many ms more the node is in quarantine, if it has answered and is. */
  readonly quarantinedFor?: number | undefined;
  /** From asking to voting, in ms. */
  readonly ms: number;
  /** When and where the command was written that the server answered; `undefined`: there was no answer. */
  readonly written?: Written | undefined;
}

export function inNodeOrder<T>(responses: readonly Response<T>[]): Response<T>[] {
  return responses.toSorted((a, b) => a.index - b.index);
}

/** What a vote may tell besides, in an attempt, a confirm or an extension. */
type VoteDetail = GrantDetail | ExtendDetail | void;

/**
 * The votes as callers see them, in the order of the nodes. Of the details of the replies they show the labels of the
 * holders alone. They are frozen, because events and errors share them.
 */
export function votesOf(responses: readonly Response<VoteDetail>[]): readonly Vote[] {
  const votes = inNodeOrder(responses).map(({ node, vote, error, detail, ms }) => {
    const owners = ownersOf(detail);
    return Object.freeze({
      node,
      vote,
      ...(error && { error: Object.freeze({ ...error }) }),
      ...(owners.length > 0 && { owners: Object.freeze(owners) }),
      ms: Math.round(ms * 1000) / 1000,
    });
  });
  return Object.freeze(votes);
}

function ownersOf(detail: VoteDetail): string[] {
  return typeof detail === 'object' ? [...new Set(detail.flatMap(ownersIn))] : [];
}

/** `a granted, b denied, c failed (TIMEOUT: no reply within 50 ms)` */
export function tellVotes(votes: readonly Vote[]): string {
  return votes
    .map(({ node, vote, error }) => {
      const why = error ? ` (${error.code}: ${error.message})` : '';
      return `${node} ${vote}${why}`;
    })
    .join(', ');
}

/** The round trip to the slowest node that answered, in ms; 0 if no node answered. */
export function roundTripOf(responses: readonly Response[]): number {
  return Math.max(0, ...responses.filter(({ vote }) => vote !== 'failed').map(({ ms }) => ms));
}
