import type { ErrorData } from './vote.js';

/** The key of a resource, as each node has it. */
export interface Inspection {
  readonly resource: string;
  /** How many processes are in the queue for the resource: the most that a node counts. */
  readonly waiting: number;
  /** One for each node, in the order given to the Redlock. */
  readonly nodes: readonly NodeInspection[];
}

/** The key of a resource, as one node has it. */
export interface NodeInspection {
  /** The node's name. */
  readonly node: string;
  /**
   * The value of the key. null: there is no key, or the node has failed, or it keeps the key for a process that waits and
   * was called.
   */
  readonly token: string | null;
  /** The time until the key expires, in ms. null: there is no key, or it does not expire, or the node has failed. */
  readonly ttl: number | null;
  /** Why the node failed. */
  readonly error?: ErrorData;
}
