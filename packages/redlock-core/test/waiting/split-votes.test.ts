import { describe, expect, test } from '@jest/globals';
import type { Refused } from '../../src/attempt/refused.js';
import { SplitVotes } from '../../src/waiting/split-votes.js';

const ROUND_TRIP = 10;
const WINDOW = 8 * ROUND_TRIP;

function refusedAs(refusal: Refused['refusal']): Refused {
  const responses = [{ index: 0, node: 'a', vote: 'denied' as const, ms: ROUND_TRIP }];
  return { granted: false, refusal, responses };
}

/** After so many split votes in a row, with the longest pauses that chance allows. */
function after(splits: number): SplitVotes {
  const votes = new SplitVotes({ random: () => 1 });
  for (let split = 0; split < splits; split++) votes.refused(refusedAs('split'), true, false);
  return votes;
}

describe('after split votes', () => {
  test('another try follows within 8 round trips, and within twice as long each time, five times in a row', () => {
    expect([1, 2, 3, 4, 5, 6].map((splits) => after(splits).retryPause())).toEqual([
      WINDOW,
      2 * WINDOW,
      4 * WINDOW,
      8 * WINDOW,
      16 * WINDOW,
      null,
    ]);
  });

  test('a waiter that was called makes way from the third in a row on, and longer up to the fifth time', () => {
    expect([1, 2, 3, 4, 7, 8, 50].map((splits) => after(splits).yieldPause())).toEqual([
      null,
      null,
      WINDOW,
      2 * WINDOW,
      16 * WINDOW,
      16 * WINDOW,
      16 * WINDOW,
    ]);
  });

  test('all begins anew after any other refusal', () => {
    const votes = after(4);
    votes.refused(refusedAs('held'), false, false);
    expect([votes.retryPause(), votes.yieldPause()]).toEqual([null, null]);
    votes.refused(refusedAs('split'), true, false);
    expect(votes.retryPause()).toBe(WINDOW);
  });
});
