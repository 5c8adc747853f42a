import { expect, test } from '@jest/globals';
import { SharingLog } from '../src/contest/sharing-log.js';
import type { Turn } from '../src/contest/turn.js';

const MODES = ['shared', 'shared', 'exclusive'] as const;

function turn(wanted: number, granted: number | null, released: number | null): Turn {
  return { wanted, granted, released };
}

test('an exclusive lock beside any other is an error, also beside the longest of several', () => {
  const readers = [[turn(0, 1, 9)], [turn(0, 2, 4)]];
  expect(() => new SharingLog([...readers, [turn(0, 5, 6)]], MODES, 0, 10)).toThrow('Held at once');
  expect(() => new SharingLog([...readers, [turn(0, 9, 10)]], MODES, 0, 10)).not.toThrow();
  const after = [[turn(0, 6, 9)], [turn(0, 2, 4)], [turn(0, 5, 7)]];
  expect(() => new SharingLog(after, MODES, 0, 10)).toThrow('Held at once');
});

test('an arrival tells who came first and who got in first', () => {
  const readers = [
    [turn(0, 1, 5), turn(11, 12, 15)],
    [turn(6, 7, 10), turn(10, 22, 25)],
  ];
  const log = new SharingLog([...readers, [turn(10.5, 20, 21)]], MODES, 5, 30);
  expect(log.arrivals('exclusive')).toEqual([{ waitMs: 9.5, ahead: 1, passed: 1, overtakers: 1 }]);
  expect(log.holdMs('shared')).toEqual([3, 3, 3]);
});

test('a hold whose end is not known is not taken for an endless one', () => {
  const turns = [[turn(0, 1, null)], [], [turn(0, 4, 8)]];
  expect(() => new SharingLog(turns, MODES, 0, 10)).not.toThrow();
});

test('a wait that has not ended counts for as long as it has taken', () => {
  const log = new SharingLog([[turn(0, 1, null)], [], [turn(5, null, null)]], MODES, 0, 30);
  expect(log.arrivals('exclusive')).toEqual([{ waitMs: 25, ahead: 0, passed: 0, overtakers: 0 }]);
  expect(log.holdMs('shared')).toEqual([]);
});
