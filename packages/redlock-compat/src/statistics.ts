import type { Cluster, Redis } from 'ioredis';
import { hide, showAs } from './clients.js';
import type { Objections } from './polling.js';

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

/** The reply of one client in an attempt. */
export type ClientExecutionResult =
  | { client: Client; vote: 'for'; value: number }
  | { client: Client; vote: 'against'; error: Error };

/** What a release returns. */
export type ExecutionResult = {
  attempts: ReadonlyArray<Promise<ExecutionStats>>;
};

/** On one node, another client holds a resource, or no client holds it any more. */
export class ResourceLockedError extends Error {
  override readonly name = 'ResourceLockedError';

  constructor(override readonly message: string) {
    super();
  }
}

/** An operation got no quorum, in as many attempts as its settings allow. */
export class ExecutionError extends Error {
  override readonly name = 'ExecutionError';

  /** @param attempts how the nodes voted in each of them; none if no request was sent */
  constructor(
    override readonly message: string,
    readonly attempts: ReadonlyArray<Promise<ExecutionStats>>,
  ) {
    super();
  }
}

/**
 * Waits for all votes of one attempt.
 * @internal
 */
export async function statisticsOf(
  voting: Objections,
  clients: readonly Client[],
  quorumSize: number,
): Promise<ExecutionStats> {
  const objections = await voting;
  const votesFor = new Set<Client>();
  const votesAgainst = new Map<Client, Error>();
  for (const [index, client] of clients.entries()) {
    const objection = objections[index];
    if (objection) votesAgainst.set(client, objection);
    else if (objection === null) votesFor.add(client);
  }
  const statistics = { membershipSize: clients.length, quorumSize, votesFor, votesAgainst };
  const shown = {
    ...statistics,
    votesFor: votesFor.size,
    votesAgainst: [...votesAgainst.values()].map(String),
  };
  hide(statistics, 'votesFor');
  hide(statistics, 'votesAgainst');
  return showAs(statistics, shown);
}
