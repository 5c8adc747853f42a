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
