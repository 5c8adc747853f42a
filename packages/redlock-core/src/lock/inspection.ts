import { closedError } from '../errors.js';
import type { GuardedNode } from '../node/guarded-node.js';
import { inNodeOrder, type Response } from '../node/response.js';
import { Claim } from '../protocol/claim.js';
import type { Quorum } from '../quorum/quorum.js';
import { lockKeysOf } from '../protocol/lock-keys.js';
import { inspect } from '../protocol/operation.js';
import type { KeyState } from '../protocol/reading.js';
import { parseResources } from '../protocol/resource.js';
import { judgeHolders, type Holding } from '../quorum/holders.js';
import { judgeAll } from '../quorum/verdict.js';
import type { Inspection } from '../inspection.js';

const NOTHING: Omit<KeyState, 'holders'> = { token: null, ttl: null, waiting: 0 };

export interface InspectionServices {
  readonly quorum: Quorum;
  readonly keyPrefix: string;
  readonly clusters: readonly GuardedNode[];
  /** Aborts when the Redlock is closed. */
  readonly closed: AbortSignal;
}

/**
 * Asks every node for the key of a resource.
 * @throws TypeError, RangeError for a bad resource; RedlockError (`CLOSED`)
 */
export async function askForKey(
  { quorum, keyPrefix, clusters, closed }: InspectionServices,
  resource: string,
): Promise<readonly Response<KeyState>[]> {
  if (closed.aborted) throw closedError([resource]);
  if (typeof resource !== 'string') throw new TypeError('resource must be a string');
  parseResources(resource, keyPrefix);
  const claim = new Claim(lockKeysOf([resource], keyPrefix, false, clusters), '');
  const { responses } = await quorum.ask(inspect(claim), judgeAll);
  return responses;
}

/** Who holds a resource, as the nodes that have answered say. */
export function holdingIn(
  responses: readonly Response<KeyState>[],
  { quorum }: Pick<InspectionServices, 'quorum'>,
): Holding {
  const answers = responses.flatMap(({ detail }) => (detail ? [detail.holders] : []));
  return judgeHolders(answers, quorum.size);
}

/** Says who holds a resource. */
export async function inspection(
  services: InspectionServices,
  resource: string,
): Promise<Inspection> {
  const responses = await askForKey(services, resource);
  const nodes = inNodeOrder(responses).map(({ node, detail = NOTHING, error }) => ({
    node,
    token: detail.token,
    ttl: detail.ttl,
    ...(error && { error }),
  }));
  return {
    resource,
    ...holdingIn(responses, services),
    waiting: Math.max(...responses.map(({ detail = NOTHING }) => detail.waiting)),
    nodes,
  };
}
