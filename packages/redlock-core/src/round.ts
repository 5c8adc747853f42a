import type { Ballot } from './ballot.js';
import type { Claim } from './claim.js';
import type { Operation } from './operation.js';

/**
 * Decides a round from the ballots that are in, at most one a node, or says undefined to wait for
 * more. Must decide once all nodes have voted.
 */
export type Judge<T, D> = (ballots: readonly Ballot<T>[], nodes: number) => D | undefined;

/** One operation for one claim, asked of all nodes, until their votes decide it. */
export class Round<T = unknown> {
  /** Those that decided it, once it is. */
  readonly ballots: Ballot<T>[] = [];
  readonly #voted: boolean[] = [];
  readonly #count: (ballots: readonly Ballot<T>[]) => boolean;
  #decided = false;
  #votes = 0;

  /**
   * @param start on the monotonic clock
   * @param count called with each new ballot until it says that they decide
   */
  constructor(
    readonly operation: Operation<T>,
    readonly claim: Claim,
    readonly start: number,
    count: (ballots: readonly Ballot<T>[]) => boolean,
  ) {
    this.#count = count;
  }

  /** Votes that are still out change nothing any more. */
  get decided(): boolean {
    return this.#decided;
  }

  /** How many nodes have voted, in time or too late. */
  get votes(): number {
    return this.#votes;
  }

  /** Whether a node's vote is in, or too late. */
  hasVoteOf(node: number): boolean {
    return this.#voted[node] === true;
  }

  /** A node votes once: the reply to a command that has timed out is no second vote. */
  vote(ballot: Ballot<T>): void {
    this.#voted[ballot.index] = true;
    this.#votes++;
    if (this.#decided) return;
    this.ballots.push(ballot);
    this.#decided = this.#count(this.ballots);
  }
}
