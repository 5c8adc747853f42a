import type { ErrorData, Vote } from '../vote.js';

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
  /** The connection on which the reply came, as {@link CommandQueue} counts them; -1: there was no reply. */
  readonly connection: number;
  /** When the command was written, on the monotonic clock; if it was not answered, when its round began. */
  readonly sentAt: number;
}

export function inNodeOrder<T>(responses: readonly Response<T>[]): Response<T>[] {
  return responses.toSorted((a, b) => a.index - b.index);
}

/**
 * The votes as callers see them, in the order of the nodes, without the details of the replies. They are frozen,
 * because events and errors share them.
 */
export function votesOf(responses: readonly Response[]): readonly Vote[] {
  const votes = inNodeOrder(responses).map(({ node, vote, error, ms }) =>
    Object.freeze({
      node,
      vote,
      ...(error && { error: Object.freeze({ ...error }) }),
      ms: Math.round(ms * 1000) / 1000,
    }),
  );
  return Object.freeze(votes);
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
