import type { Cluster, Redis } from 'ioredis';
import type { Vote } from 'redlock-core';
import { hide, showAs } from '../shared/inspection.js';
import { nodeErrorOf } from '../shared/node-error.js';
import { ResourceLockedError } from './errors.js';

/** A client of one node: a server, a Sentinel group or a Cluster. */
export type Client = Redis | Cluster;

/** How the nodes voted in one attempt. */
export type ExecutionStats = {
  /** How many nodes there are. */
  readonly membershipSize: number;
  /** How many of them must agree. */
  readonly quorumSize: number;
  readonly votesFor: Set<Client>;
  /** Why: a {@link ResourceLockedError}, or what went wrong at the node. */
  readonly votesAgainst: Map<Client, Error>;
};

/** What one client answered in an attempt. */
export type ClientExecutionResult =
  | { client: Client; vote: 'for'; value: number }
  | { client: Client; vote: 'against'; error: Error };

/** What an operation took. */
export type ExecutionResult = {
  attempts: ReadonlyArray<Promise<ExecutionStats>>;
};

/**
 * Waits for all votes of one attempt, and sorts them by what they say.
 * @param resources how many were asked for
 * @internal
 */
export async function statisticsOf(
  voting: Promise<readonly Vote[]>,
  clients: readonly Client[],
  quorumSize: number,
  resources: number,
): Promise<ExecutionStats> {
  const votes = await voting;
  const votesFor = new Set<Client>();
  const votesAgainst = new Map<Client, Error>();
  for (const [index, client] of clients.entries()) {
    const vote = votes[index];
    if (vote === undefined) continue;
    const error = errorOf(vote, resources);
    if (error) votesAgainst.set(client, error);
    else votesFor.add(client);
  }
  const statistics = { membershipSize: clients.length, quorumSize, votesFor, votesAgainst };
  hide(statistics, 'votesFor');
  hide(statistics, 'votesAgainst');
  return showAs(statistics, () => ({
    ...statistics,
    votesFor: votesFor.size,
    votesAgainst: [...votesAgainst.values()].map(String),
  }));
}

/**
 * Why a node voted against; null: it voted for.
 * @internal
 */
export function errorOf(vote: Vote, resources: number): Error | null {
  if (vote.result === 'granted') return null;
  return (
    nodeErrorOf(vote) ??
    new ResourceLockedError(
      `The operation was applied to fewer than the ${resources} requested resources on ${vote.node}.`,
    )
  );
}
