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
  /** In the order given to the Redlock. `ttl` in ms; null: no key, or no expiry. */
  readonly nodes: readonly (Sight & { readonly node: string; readonly error?: ErrorData })[];
}

const NOTHING: Sight = { token: null, ttl: null };

/** Asks every node for the key of a resource. */
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
