import type { Refused } from '../attempt/refused.js';
import { SPLIT_RETRIES, splitPause } from '../attempt/split-vote.js';
import type { Runtime } from '../time/runtime.js';

/** How many split votes in a row a try may follow as soon as a node calls: the nodes call the first in their queues. */
const LEFT_TO_NODES = 2;

/** The split votes of one waiter in a row, and the pauses that follow them. */
export class SplitVotes {
  readonly #runtime: Pick<Runtime, 'random'>;
  #inARow = 0;
  #latest: Refused | null = null;

  constructor(runtime: Pick<Runtime, 'random'>) {
    this.#runtime = runtime;
  }

  /** @param isSplit whether contenders have split the votes, or the permits of a semaphore */
  refused(refused: Refused, isSplit: boolean): void {
    this.#inARow = isSplit ? this.#inARow + 1 : 0;
    this.#latest = refused;
  }

  /**
   * The random pause after which the waiter asks again, if the nodes do not settle who is first, in ms; null: the latest
   * votes were not split, or it has asked again so often that something must be in the way that stays there.
   */
  retryPause(): number | null {
    return this.#inARow > SPLIT_RETRIES ? null : this.#pauseAfter(this.#inARow);
  }

  /** The random pause for which the waiter, though it was called, makes way for the other contenders, in ms; null: none. */
  yieldPause(): number | null {
    return this.#pauseAfter(Math.min(this.#inARow - LEFT_TO_NODES, SPLIT_RETRIES));
  }

  #pauseAfter(splits: number): number | null {
    if (!this.#latest || splits < 1) return null;
    return splitPause(this.#latest.responses, splits - 1, this.#runtime);
  }
}
