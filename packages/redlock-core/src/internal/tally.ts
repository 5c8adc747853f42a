import { votesOf, type Response } from '../quorum/response.js';
import type { Vote } from '../vote.js';

/** What a request to the nodes came to. */
export interface Asked<T> {
  readonly outcome: T;
  /**
   * The votes of all nodes, in their order. Resolves when every node has voted or has had its time, which may be later
   * than the outcome. Never rejects.
   */
  readonly votes: Promise<readonly Vote[]>;
}

/**
 * Is called with each vote as it comes in, also with those that come after the decision.
 * @param node the position of the node, from 0
 */
export type Tell = (vote: Vote, node: number) => void;

/**
 * The votes of all nodes on one operation, also those that come after the decision.
 * @internal
 */
export class Tally {
  /** Resolves when every node has voted or has had its time; the votes are in the order of the nodes. */
  readonly votes: Promise<readonly Vote[]>;
  readonly responses: Response[] = [];
  readonly #nodes: number;
  readonly #tell: Tell | undefined;
  #complete!: (votes: readonly Vote[]) => void;

  constructor(nodes: number, tell: Tell | undefined) {
    this.#nodes = nodes;
    this.#tell = tell;
    this.votes = new Promise((resolve) => (this.#complete = resolve));
  }

  readonly onVotes = (response: Response): void => {
    this.responses.push(response);
    for (const vote of votesOf([response])) this.#tell?.(vote, response.index);
    if (this.responses.length === this.#nodes) this.#complete(votesOf(this.responses));
  };
}
