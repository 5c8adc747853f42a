import type { Denied, Reading } from '../protocol/replies.js';
import { ownerOf } from '../protocol/token.js';
import type { Vote } from '../vote.js';

/** One node's vote on one operation. */
export interface Response {
  /** The node's position. */
  readonly index: number;
  /** The node's name. */
  readonly node: string;
  readonly reading: Reading;
  /** From asking to voting, in ms. */
  readonly duration: number;
  /** The connection on which the command was written; -1: none. */
  readonly connection: number;
  /** When it was written, on the monotonic clock. */
  readonly sentAt: number;
}

export function inNodeOrder(responses: readonly Response[]): Response[] {
  return responses.toSorted((a, b) => a.index - b.index);
}

/** What denied an acquire on a node; none if it did not deny. */
export function denialsIn({ reading }: Response): Denied['denials'] {
  if (reading.vote !== 'denied' || typeof reading.detail !== 'object') return [];
  return reading.detail.denials;
}

/**
 * The votes as callers see them, in the order of the nodes. Of the details of the replies they show the labels of the
 * holders alone. They are frozen, because events and errors share them.
 */
export function votesOf(responses: readonly Response[]): readonly Vote[] {
  const votes = inNodeOrder(responses).map((response) => {
    const { node, reading, duration } = response;
    const error = reading.vote === 'failed' ? reading.error : undefined;
    const owners = ownersOf(response);
    return Object.freeze({
      node,
      result: reading.vote,
      ...(error && { error: Object.freeze({ ...error }) }),
      ...(owners.length > 0 && { owners: Object.freeze(owners) }),
      duration: Math.round(duration * 1000) / 1000,
    });
  });
  return Object.freeze(votes);
}

function ownersOf(response: Response): string[] {
  const tokens = denialsIn(response).flatMap(({ value, tokens: sharers }) =>
    sharers.length > 0 ? sharers : (value ?? []),
  );
  return [...new Set(tokens.flatMap((token) => ownerOf(token) ?? []))];
}

/** Collects the votes of one attempt, and passes them on once every node has voted. */
export function collectVotes(
  nodes: number,
  pass: (votes: readonly Vote[]) => void,
): (response: Response) => void {
  const responses: Response[] = [];
  return (response) => {
    responses.push(response);
    if (responses.length === nodes) pass(votesOf(responses));
  };
}

/** `a granted, b denied, c failed (TIMEOUT: no reply within 50 ms)` */
export function formatVotes(votes: readonly Vote[]): string {
  return votes
    .map(({ node, result, error }) => {
      const why = error ? ` (${error.code}: ${error.message})` : '';
      return `${node} ${result}${why}`;
    })
    .join(', ');
}
