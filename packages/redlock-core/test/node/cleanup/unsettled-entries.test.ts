import { expect, test } from '@jest/globals';
import { Claim } from '../../../src/protocol/claim.js';
import { lockKeysOf } from '../../../src/protocol/lock-keys.js';
import { entryAt } from '../../../src/node/cleanup/ledger.js';
import { UnsettledEntries } from '../../../src/node/cleanup/unsettled-entries.js';

test('unsettled entries are each there once, and go in any order', () => {
  const entries = new UnsettledEntries(0);
  const [a, b, c] = ['a', 'b', 'c'].map((key) =>
    entryAt(new Claim(lockKeysOf([key], '', true, []), 'token'), 0),
  );
  if (!a || !b || !c) throw new Error('no entries');
  for (const entry of [a, b, c, a]) entries.add(entry);
  expect([...entries]).toEqual([a, b, c]);
  entries.settleIfDone(a);
  entries.settleIfDone(a);
  expect(new Set(entries)).toEqual(new Set([b, c]));
  entries.settleIfDone(c);
  expect([...entries]).toEqual([b]);
  entries.add(a);
  expect(entries.size).toBe(2);
});
