import { expect, test } from '@jest/globals';
import { wordsOf } from '../../../src/doctor/facts/words.js';

test.each([
  ['a list', ['appendfsync', 'always']],
  ['an object', { appendfsync: 'always' }],
  ['a Map', new Map([['appendfsync', 'always']])],
  ['pairs', [{ key: 'appendfsync', value: 'always' }]],
])('a reply may be %s', (_, reply) => {
  expect(wordsOf(reply)).toEqual(['appendfsync', 'always']);
});

test('numbers are words too, and an empty reply has none', () => {
  expect(wordsOf(['__sentinel__:hello', 3])).toEqual(['__sentinel__:hello', '3']);
  expect(wordsOf([])).toEqual([]);
});
