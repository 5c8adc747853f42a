import { expect, test } from '@jest/globals';
import { SortedSet } from '../../src/memory/sorted-set.js';

test('members are sorted by score, and by their text if scores are equal', () => {
  const set = new SortedSet();
  set.add('late', 9);
  set.add('b', 1);
  set.add('a', 1);
  set.add('B', 1);
  expect(set.members).toEqual(['B', 'a', 'b', 'late']);
  expect(set.rank('late')).toBe(3);
});

test('a member that is added again has the new score, and is there once', () => {
  const set = new SortedSet();
  set.add('a', 1);
  set.add('b', 2);
  set.add('a', 3);
  expect(set.members).toEqual(['b', 'a']);
  expect(set.size).toBe(2);
});

test('a member that is deleted is gone', () => {
  const set = new SortedSet();
  set.add('a', 1);
  set.delete('a');
  set.delete('never there');
  expect(set.members).toEqual([]);
  expect(set.size).toBe(0);
});

test('members that were read before a change stay as they were', () => {
  const set = new SortedSet();
  set.add('a', 1);
  set.add('b', 2);
  const { members } = set;
  set.delete('a');
  expect(members).toEqual(['a', 'b']);
  expect(set.members).toEqual(['b']);
});
