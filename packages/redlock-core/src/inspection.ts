import type { LockMode } from './options.js';
import type { ErrorData } from './vote.js';

/** Who holds a resource: what a quorum of nodes says, and the key of the resource as each node has it. */
export interface Inspection {
  readonly resource: string;
  /**
   * What a quorum of nodes says about the resource. `free`: no client holds it. `exclusive`, `shared`: it is locked in
   * this mode. `undecided`: the nodes disagree, as they do for a moment while a lock changes hands. `unknown`: fewer than a
   * quorum of nodes answered.
   */
  readonly state: LockMode | 'free' | 'undecided' | 'unknown';
  /** Those that hold the resource on a quorum of nodes: one at most, unless the state is `shared`. */
  readonly holders: readonly Holder[];
  /** How many processes are in the queue for the resource: the most that a node counts. */
  readonly waiting: number;
  /** One for each node, in the order given to the Redlock. */
  readonly nodes: readonly NodeInspection[];
}

/** A client that holds a resource on a quorum of nodes. */
export interface Holder {
  /** The token of the lock. A client that has it can release the lock, or take it over by `adopt`. */
  readonly token: string;
  /** The label of the holder, as its `owner` option gives it. null: it has none. */
  readonly owner: string | null;
  readonly mode: LockMode;
  /** The least time until the lock expires on one of the nodes that hold it, in ms. null: it does not expire. */
  readonly expiresIn: number | null;
}

/** The key of a resource, as one node has it. */
export interface NodeInspection {
  /** The node's name. */
  readonly node: string;
  /** The value of the key. null: there is no key, or shared holders have it, or the node has failed. */
  readonly token: string | null;
  /** The time until the key expires, in ms. null: there is no key, or it does not expire, or the node has failed. */
  readonly expiresIn: number | null;
  /** Why the node failed. */
  readonly error?: ErrorData;
}
