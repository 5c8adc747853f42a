import { inNodeOrder } from './ballot.js';
import { Claim } from './claim.js';
import type { Core } from './core.js';
import { closedError } from './errors.js';
import { lockKeysOf } from './lock-keys.js';
import { inspect, type Sight } from './operation.js';
import { parseResources } from './resource.js';
import { judgeAll } from './verdict.js';
import type { ErrorData } from './vote.js';

/** The key of a resource, as each node has it. */
export interface Inspection {
  readonly resource: string;
  /** In the order given to the Redlock. */
  readonly nodes: readonly NodeInspection[];
}

/** The key of a resource, as one node has it. */
export interface NodeInspection {
  /** The node's name. */
  readonly node: string;
  /** null: there is no key, or the node has failed. */
  readonly token: string | null;
  /** In ms; null: there is no key, or it does not expire, or the node has failed. */
  readonly ttl: number | null;
  /** Why it failed. */
  readonly error?: ErrorData;
}

const NOTHING: Sight = { token: null, ttl: null };

/**
 * Asks every node for the key of a resource.
 * @internal
 */
export async function inspection(
  { quorum, settings: { keyPrefix }, closed }: Core,
  resource: string,
): Promise<Inspection> {
  if (typeof resource !== 'string') throw new TypeError('resource must be a string');
  parseResources(resource, keyPrefix);
  if (closed.aborted) throw closedError([resource]);
  const claim = new Claim(lockKeysOf([resource], keyPrefix, false), '');
  const { ballots } = await quorum.ask(inspect(claim), judgeAll);
  return {
    resource,
    nodes: inNodeOrder(ballots).map(({ node, detail = NOTHING, error }) => ({
      node,
      ...detail,
      ...(error && { error }),
    })),
  };
}
