import type { Vote } from '../vote.js';

/** What the nodes were asked came to. */
export interface Asked<T> {
  readonly outcome: T;
  /**
   * The votes of all nodes, in their order. Resolves when every node has voted or has had its time, which may be later
   * than the outcome. Never rejects.
   */
  readonly votes: Promise<readonly Vote[]>;
}

/**
 * Told each vote of a round as it comes in, also those that come after the decision.
 * @param node the position of the node, from 0
 */
export type Tell = (vote: Vote, node: number) => void;
