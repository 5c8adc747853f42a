import { RedlockClosedError, QuorumError } from '../errors.js';
import type { Holder, Inspection } from '../inspection.js';
import type { GuardedNode } from '../node/guarded-node.js';
import { lockKeysOf, type LockKeys } from '../protocol/keys.js';
import type { KeyHolder, KeyState } from '../protocol/replies.js';
import { ownerOf } from '../protocol/token.js';
import type { Quorum } from '../quorum/quorum.js';
import { formatVotes, inNodeOrder, votesOf, type Response } from '../quorum/response.js';
import { parseResources } from './request.js';

export interface InspectionServices {
  readonly quorum: Quorum;
  readonly keyPrefix: string;
  readonly clusters: readonly GuardedNode[];
  /** Aborts when the Redlock is closed. */
  readonly closed: AbortSignal;
}

/** What the nodes say about a resource, all together. */
export type Holding = Pick<Inspection, 'state' | 'holders'>;

/**
 * The keys of a resource that is inspected. Permits of a semaphore can be inspected too.
 * @throws TypeError, RangeError for a bad resource
 */
export function inspectedKeys(
  resource: string,
  { keyPrefix, clusters }: InspectionServices,
): LockKeys {
  if (typeof resource !== 'string') throw new TypeError('resource must be a string');
  parseResources(resource, keyPrefix, true);
  return lockKeysOf([resource], keyPrefix, false, clusters);
}

/** @throws TypeError, RangeError for a bad resource; RedlockClosedError */
export async function inspect(services: InspectionServices, resource: string): Promise<Inspection> {
  const { quorum, closed } = services;
  if (closed.aborted) throw new RedlockClosedError([resource]);
  const responses = inNodeOrder(await quorum.inspect(inspectedKeys(resource, services)));
  const states = statesIn(responses);
  const nodes = responses.map((response) => {
    const { node, reading } = response;
    const { token = null, expiresIn = null } = stateOf(response) ?? {};
    return {
      node,
      token,
      expiresIn,
      ...(reading.vote === 'failed' && { error: reading.error }),
    };
  });
  const waiting = Math.max(0, ...states.map((state) => state.waiting));
  return { resource, ...judgeHolders(states, quorum.size), waiting, nodes };
}

/** What the nodes that have answered say of a key. */
export function statesIn(responses: readonly Response[]): readonly KeyState[] {
  return responses.flatMap((response) => stateOf(response) ?? []);
}

function stateOf({ reading }: Response): KeyState | undefined {
  const { vote, detail } = reading;
  return vote === 'granted' && detail !== undefined && 'state' in detail ? detail : undefined;
}

/** @param what failed, as the start of a sentence */
export function unknownError(
  what: string,
  resource: string,
  responses: readonly Response[],
): QuorumError {
  const votes = votesOf(responses);
  const message = `${what}: fewer than a quorum of nodes answered. Check the nodes that failed. Votes: ${formatVotes(votes)}`;
  return new QuorumError(message, [resource], votes);
}

/**
 * Judges who holds a resource.
 * @param states as the nodes that have answered have its key
 * @param quorum how many nodes must agree
 */
export function judgeHolders(states: readonly KeyState[], quorum: number): Holding {
  const isOnQuorum = ({ length }: readonly unknown[]): boolean => length >= quorum;
  if (!isOnQuorum(states)) return { state: 'unknown', holders: [] };
  const byToken = new Map<string, KeyHolder[]>();
  for (const holder of states.flatMap(({ holders }) => holders)) {
    byToken.set(holder.token, [...(byToken.get(holder.token) ?? []), holder]);
  }
  const holders = [...byToken.values()].filter(isOnQuorum).flatMap(holderOf);
  const isState = (expected: KeyState['state']): boolean =>
    isOnQuorum(states.filter(({ state }) => state === expected));
  if (isState('free')) return { state: 'free', holders };
  // Nodes that are locked exclusively agree only if they name the same holder. Those that are shared may name others.
  if (isState('shared')) return { state: 'shared', holders };
  return { state: holders.length > 0 ? 'exclusive' : 'undecided', holders };
}

/** @param held one and the same holder, as several nodes have it */
function holderOf(held: readonly KeyHolder[]): Holder[] {
  const least = Math.min(...held.map(({ expiresIn }) => expiresIn ?? Infinity));
  const expiresIn = least === Infinity ? null : least;
  return held
    .slice(0, 1)
    .map(({ token, mode }) => ({ token, owner: ownerOf(token), mode, expiresIn }));
}
