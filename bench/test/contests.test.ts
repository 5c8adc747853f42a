import { describe, expect, test } from '@jest/globals';
import type { Turn } from '../src/contests/contest.js';
import { ContestLog } from '../src/contests/contest-log.js';
import { PermitUse } from '../src/contests/permit-use.js';
import { SharingLog } from '../src/contests/sharing-log.js';

function turn(wanted: number, granted: number | null, released: number | null): Turn {
  return { wanted, granted, released };
}

describe('the log of a contest', () => {
  test('two holders at once are an error', () => {
    expect(() => new ContestLog([[turn(0, 1, 5)], [turn(0, 4, 8)]], 0, 10)).toThrow('Held twice');
  });

  test('a hold without a known end does not last for ever', () => {
    const log = new ContestLog([[turn(0, 1, null)], [turn(0, 4, 8)]], 0, 10);
    expect(log.holds).toHaveLength(2);
  });

  test('hand-overs count within the measured time, and by whether the process changes', () => {
    const first = [turn(0, 1, 5), turn(0, 6, 10), turn(10, 25, 29)];
    const log = new ContestLog([first, [turn(0, 13, 20)]], 6, 40);
    expect(log.holds).toHaveLength(3);
    expect(log.handOffs('all')).toEqual([1, 3, 5]);
    expect(log.handOffs('between processes')).toEqual([3, 5]);
    expect(log.shares).toEqual([2 / 3, 4 / 3]);
  });

  test('the time from the last release to the end counts as time without a holder', () => {
    const log = new ContestLog([[turn(0, 1, 5)], [turn(0, 7, 9), turn(10, null, null)]], 0, 30);
    expect(log.longestGap).toBe(21);
    expect(log.longestWait()).toBe(20);
    expect(log.longestWait((process) => process === 0)).toBe(1);
  });

  test('a hand-over is out of order while an earlier request waits, even for ever', () => {
    const overtaken = [turn(0, 1, 2), turn(2, null, null)];
    const log = new ContestLog([overtaken, [turn(1, 3, 4), turn(5, 6, 7)]], 0, 10);
    expect(log.outOfOrder).toBeCloseTo(1 / 3);
    expect(log.overtaken).toBe(0);
  });

  test('a lock that several later requests overtake counts once', () => {
    const late = [turn(0, 7, 8)];
    const log = new ContestLog([late, [turn(1, 1, 2), turn(2, 3, 4), turn(4, 5, 6)]], 0, 10);
    expect(log.outOfOrder).toBe(3 / 4);
    expect(log.overtaken).toBe(1 / 4);
  });
});

describe('the log of shared locks', () => {
  const MODES = ['shared', 'shared', 'exclusive'] as const;

  test('an exclusive lock beside any other is an error, also beside the longest of several', () => {
    const readers = [[turn(0, 1, 9)], [turn(0, 2, 4)]];
    const logWith = (last: Turn): SharingLog => new SharingLog([...readers, [last]], MODES, 0, 10);
    expect(() => logWith(turn(0, 5, 6))).toThrow('Held at once');
    expect(() => logWith(turn(0, 9, 10))).not.toThrow();
    const after = [[turn(0, 6, 9)], [turn(0, 2, 4)], [turn(0, 5, 7)]];
    expect(() => new SharingLog(after, MODES, 0, 10)).toThrow('Held at once');
  });

  test('an arrival has the numbers of those before it and of those that overtook it', () => {
    const readers = [
      [turn(0, 1, 5), turn(11, 12, 15)],
      [turn(6, 7, 10), turn(10, 22, 25)],
    ];
    const log = new SharingLog([...readers, [turn(10.5, 20, 21)]], MODES, 5, 30);
    expect(log.arrivals('exclusive')).toEqual([
      { waitMs: 9.5, ahead: 1, passed: 1, overtakers: 1 },
    ]);
    expect(log.holdMs('shared')).toEqual([3, 3, 3]);
  });

  test('neither a hold nor a wait without a known end lasts for ever', () => {
    const open = [[turn(0, 1, null)], []];
    expect(() => new SharingLog([...open, [turn(0, 4, 8)]], MODES, 0, 10)).not.toThrow();
    const log = new SharingLog([...open, [turn(5, null, null)]], MODES, 0, 30);
    expect(log.arrivals('exclusive')).toEqual([{ waitMs: 25, ahead: 0, passed: 0, overtakers: 0 }]);
    expect(log.holdMs('shared')).toEqual([]);
  });
});

describe('the use of permits', () => {
  test('a permit is in use from its grant to its release, within the measured time', () => {
    const turns = [turn(0, 0, 15), turn(0, 15, null), turn(0, null, null), turn(0, 40, 50)];
    const use = new PermitUse(turns, 10, 30);
    expect(use.granted).toBe(2);
    expect(use.shareOf(2)).toBe(0.5);
  });

  test('the most at once are those whose times overlap', () => {
    const apart = [turn(0, 0, 5), turn(0, 5, 9)];
    expect(new PermitUse(apart, 0, 10).mostAtOnce).toBe(1);
    const together = [turn(0, 0, 6), turn(0, 5, 9), turn(0, 5, 7), turn(0, 7, 8)];
    expect(new PermitUse(together, 0, 10).mostAtOnce).toBe(3);
  });
});
