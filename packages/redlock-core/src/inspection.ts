import type { ErrorData } from './vote.js';

/** The key of a resource, as each node has it. */
export interface Inspection {
  readonly resource: string;
  /** One for each node, in the order given to the Redlock. */
  readonly nodes: readonly NodeInspection[];
}

/** The key of a resource, as one node has it. */
export interface NodeInspection {
  /** The node's name. */
  readonly node: string;
  /** The value of the key. null: there is no key, or the node has failed. */
  readonly token: string | null;
  /** The time until the key expires, in ms. null: there is no key, or it does not expire, or the node has failed. */
  readonly ttl: number | null;
  /** Why the node failed. */
  readonly error?: ErrorData;
}
