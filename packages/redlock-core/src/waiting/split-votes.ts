import type { Refused } from '../attempt/refused.js';
import { SPLIT_RETRIES, splitPause } from '../attempt/split-vote.js';
import type { Runtime } from '../time/runtime.js';

/** So many split votes in a row are left to nodes that can call: they call the first in their queues. */
const LEFT_TO_NODES = 2;

/** The split votes of one waiter in a row, and the pauses that follow them. */
export class SplitVotes {
  readonly #runtime: Pick<Runtime, 'random'>;
  #inARow = 0;
  #latest: Refused | null = null;

  constructor(runtime: Pick<Runtime, 'random'>) {
    this.#runtime = runtime;
  }

  refused(refused: Refused): void {
    this.#inARow = refused.refusal === 'split' ? this.#inARow + 1 : 0;
    this.#latest = refused;
  }

  /**
   * The random pause that makes way for the other contenders, in ms; null: none is called for.
   * @param isHeard whether a quorum of nodes can call this process, and so settle who is first
   */
  pause(isHeard: boolean): number | null {
    const retries = this.#inARow - (isHeard ? LEFT_TO_NODES : 0) - 1;
    if (!this.#latest || retries < 0) return null;
    return splitPause(this.#latest.responses, Math.min(retries, SPLIT_RETRIES - 1), this.#runtime);
  }
}
