import type { Vote } from 'redlock-core';
import type { Asked } from 'redlock-core/internal';
import { mayRetry, pauseOf, type Terms } from './terms.js';

/** The longest delay of a timer, in ms. Node fires a timer with a longer delay at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** The votes of all nodes in one try. Resolves when every node has voted or has had its time. */
export type Votes = Promise<readonly Vote[]>;

/** What one or more tries came to, and the votes in each of them. */
export interface Polled<T> {
  readonly outcome: T;
  readonly tries: readonly Votes[];
}

/**
 * Asks the nodes until the outcome is final or the terms allow no more tries.
 * @param ended aborts when no further try shall follow
 */
export async function poll<T>(
  ask: () => Promise<Asked<T>>,
  isFinal: (outcome: T) => boolean,
  terms: Terms,
  ended: AbortSignal,
): Promise<Polled<T>> {
  const tries: Votes[] = [];
  for (;;) {
    const { outcome, votes } = await ask();
    tries.push(votes);
    if (isFinal(outcome) || !mayRetry(terms, tries.length) || ended.aborted) {
      return { outcome, tries };
    }
    await new Promise((resolve) => {
      setTimeout(resolve, Math.min(pauseOf(terms), LONGEST_TIMER));
    });
    if (ended.aborted) return { outcome, tries };
  }
}
