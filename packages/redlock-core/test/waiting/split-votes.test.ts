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
  for (let split = 0; split < splits; split++) votes.refused(refusedAs('split'));
  return votes;
}

describe('the pause after a split vote', () => {
  test('is up to 8 round trips, and twice as long each time, where nodes cannot call', () => {
    expect([1, 2, 3].map((splits) => after(splits).pause(false))).toEqual([
      WINDOW,
      2 * WINDOW,
      4 * WINDOW,
    ]);
  });

  test('begins with the third in a row where nodes can call', () => {
    expect([1, 2, 3, 4].map((splits) => after(splits).pause(true))).toEqual([
      null,
      null,
      WINDOW,
      2 * WINDOW,
    ]);
  });

  test('grows up to the fifth, and no more', () => {
    expect([5, 6, 50].map((splits) => after(splits).pause(false))).toEqual([
      16 * WINDOW,
      16 * WINDOW,
      16 * WINDOW,
    ]);
  });

  test('begins anew after any other refusal', () => {
    const votes = after(4);
    votes.refused(refusedAs('held'));
    expect(votes.pause(false)).toBeNull();
    votes.refused(refusedAs('split'));
    expect(votes.pause(false)).toBe(WINDOW);
  });
});
