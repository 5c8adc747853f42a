import type { Refused } from '../attempt/refused.js';
import { SPLIT_RETRIES, splitPause } from '../attempt/split-vote.js';
import type { Runtime } from '../time/runtime.js';

/** How many split votes in a row a try may follow as soon as a node calls: the nodes call the first in their queues. */
const LEFT_TO_NODES = 2;

/**
 * After so many pauses they grow no more for a waiter that goes from line to line. It keeps its line waiting meanwhile, and
 * what a node keeps for it, it keeps for four round trips only.
 */
const GROWING_AFTER_MOVES = 3;

/** The split votes of one waiter in a row, and the pauses that follow them. */
export class SplitVotes {
  readonly #runtime: Pick<Runtime, 'random'>;
  #inARow = 0;
  #most = SPLIT_RETRIES;
  #latest: Refused | null = null;

  constructor(runtime: Pick<Runtime, 'random'>) {
    this.#runtime = runtime;
  }

  /**
   * @param isSplit whether contenders have split the votes, or the permits of a semaphore
   * @param hasMoved whether the waiter has gone to the line of another key, which counts as a split too
   */
  refused(refused: Refused, isSplit: boolean, hasMoved: boolean): void {
    this.#inARow = isSplit || hasMoved ? this.#inARow + 1 : 0;
    this.#most = hasMoved ? GROWING_AFTER_MOVES : SPLIT_RETRIES;
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
    return this.#pauseAfter(Math.min(this.#inARow - LEFT_TO_NODES, this.#most));
  }

  #pauseAfter(splits: number): number | null {
    if (!this.#latest || splits < 1) return null;
    return splitPause(this.#latest.responses, splits - 1, this.#runtime);
  }
}
