import { votesOf, type Response } from '../node/response.js';
import type { ExtendDetail, GrantDetail } from '../protocol/reading.js';
import type { Vote } from '../vote.js';
import type { Tell } from './asked.js';

type Voted = Response<GrantDetail | ExtendDetail | void>;

/** The votes of all nodes in one round, also those that come after the decision. */
export class Tally {
  /** Resolves when every node has voted or has had its time; the votes are in the order of the nodes. */
  readonly votes: Promise<readonly Vote[]>;
  readonly #nodes: number;
  readonly #tell: Tell | undefined;
  readonly #responses: Voted[] = [];
  #complete!: (votes: readonly Vote[]) => void;

  constructor(nodes: number, tell: Tell | undefined) {
    this.#nodes = nodes;
    this.#tell = tell;
    this.votes = new Promise((resolve) => (this.#complete = resolve));
  }

  count(response: Voted): void {
    this.#responses.push(response);
    for (const vote of votesOf([response])) this.#tell?.(vote, response.index);
    if (this.#responses.length === this.#nodes) this.#complete(votesOf(this.#responses));
  }
}
