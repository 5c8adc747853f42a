import { closedError } from '../errors.js';
import type { GuardedNode } from '../node/guarded-node.js';
import { inNodeOrder } from '../node/response.js';
import { Claim } from '../protocol/claim.js';
import type { Quorum } from '../quorum/quorum.js';
import { lockKeysOf } from '../protocol/lock-keys.js';
import { inspect, type KeyState } from '../protocol/operation.js';
import { parseResources } from '../protocol/resource.js';
import { judgeAll } from '../quorum/verdict.js';
import type { Inspection } from '../inspection.js';

const NOTHING: KeyState = { token: null, ttl: null, waiting: 0, sharers: [] };

export interface InspectionServices {
  readonly quorum: Quorum;
  readonly keyPrefix: string;
  readonly clusters: readonly GuardedNode[];
  /** Aborts when the Redlock is closed. */
  readonly closed: AbortSignal;
}

/**
 * Asks every node for the key of a resource.
 * @internal
 */
export async function inspection(
  { quorum, keyPrefix, clusters, closed }: InspectionServices,
  resource: string,
): Promise<Inspection> {
  if (closed.aborted) throw closedError([resource]);
  if (typeof resource !== 'string') throw new TypeError('resource must be a string');
  parseResources(resource, keyPrefix);
  const claim = new Claim(lockKeysOf([resource], keyPrefix, false, clusters), '');
  const { responses } = await quorum.ask(inspect(claim), judgeAll);
  const states = inNodeOrder(responses).map(({ detail = NOTHING, ...response }) => ({
    ...response,
    ...detail,
  }));
  return {
    resource,
    waiting: Math.max(...states.map(({ waiting }) => waiting)),
    nodes: states.map(({ node, token, ttl, error }) => ({
      node,
      token,
      ttl,
      ...(error && { error }),
    })),
  };
}
