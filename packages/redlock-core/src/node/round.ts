import type { Response } from './response.js';
import type { Operation } from '../protocol/operation.js';

/**
 * Called with each vote; says whether they decide. Votes after that do not join them. (Declared as a
 * method, so that a `Round<T>` is a `Round`: what it is given was read by its own operation.)
 */
type Count<T> = {
  count(responses: readonly Response<T>[], latest: Response<T>): boolean;
}['count'];

/** One operation, asked of several nodes, until their votes decide it. */
export class Round<T = unknown> {
  /** Those that decided it, once it is. */
  readonly #responses: Response<T>[] = [];
  readonly #voted: boolean[] = [];
  readonly #count: Count<T>;
  #decided = false;

  /** @param start on the monotonic clock */
  constructor(
    readonly operation: Operation<T>,
    readonly start: number,
    count: Count<T>,
  ) {
    this.#count = count;
  }

  /** Votes that are still out change nothing any more. */
  get decided(): boolean {
    return this.#decided;
  }

  /** Whether a node's vote is in, or too late. */
  hasVoteOf(node: number): boolean {
    return this.#voted[node] === true;
  }

  /** A node votes once: the reply to a command that has timed out is no second vote. */
  vote(response: Response<T>): void {
    this.#voted[response.index] = true;
    if (!this.#decided) this.#responses.push(response);
    if (this.#count(this.#responses, response)) this.#decided = true;
  }
}
