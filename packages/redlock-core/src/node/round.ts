import type { Response } from './response.js';
import type { Operation } from '../protocol/operation.js';

/**
 * Called with each vote. Returns whether the votes so far decide; later votes do not join them.
 *
 * It is declared as a method, so that a `Round<T>` is assignable to `Round`. That is sound, because each response was
 * read by the round's own operation.
 */
type Count<T> = {
  count(responses: readonly Response<T>[], latest: Response<T>): boolean;
}['count'];

/** One operation, asked of several nodes, until their votes decide it. */
export class Round<T = unknown> {
  /** The responses so far; when the round is decided, those that decided it. */
  readonly #responses: Response<T>[] = [];
  /** Perf: memory of an operation. The array is made for five nodes, as {@link Claim.notes} is. */
  readonly #voted: boolean[] = [false, false, false, false, false];
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

  /** Whether the round is decided. Votes that come later change nothing. */
  get decided(): boolean {
    return this.#decided;
  }

  /** Whether a node has voted, possibly after the decision. */
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
