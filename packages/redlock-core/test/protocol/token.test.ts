import { expect, test } from '@jest/globals';
import { ownerOf, tokenOf } from '../../src/protocol/token.js';

const SECRET = 'V1StGXR8_Z5jdHi6B-myT';

test.each(['a', 'api-7', 'x'.repeat(40), 'a b', '~!"', 'reserved 1'])(
  'the label %p can be read from a token',
  (owner) => {
    expect(ownerOf(tokenOf(owner, SECRET))).toBe(owner);
  },
);

test('a token without a label is the random part alone', () => {
  expect(tokenOf(undefined, SECRET)).toBe(SECRET);
  expect(ownerOf(SECRET)).toBeNull();
});

test.each([
  ['nothing', ''],
  ['no label', `:${SECRET}`],
  ['a thread behind half a secret', '2f1c2f9e-3c1a-4f6e-9a55-0d2f5f7d5b11:37'],
  ['a random part that is too short', `api:${SECRET.slice(1)}`],
  ['a random part that is too long', `api:${SECRET}x`],
  ['another alphabet', `api:${SECRET.replace('_', '+')}`],
  ['a line break behind it', `api:${SECRET}\n`],
  ['two colons', `api:7:${SECRET}`],
  ['a label that is too long', `${'x'.repeat(41)}:${SECRET}`],
  ['a control character', `a\tb:${SECRET}`],
  ['letters of other scripts', `é:${SECRET}`],
  ['a word that is kept free', `awaited:${SECRET}`],
  ['a shared key', `shared:${SECRET}`],
])('there is no label in a value with %s', (_, value) => {
  expect(ownerOf(value)).toBeNull();
});
