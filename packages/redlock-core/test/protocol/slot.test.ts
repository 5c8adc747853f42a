import { expect, test } from '@jest/globals';
import { slotOf } from '../../src/protocol/slot.js';

// As Redis 7.0 replied.
test.each([
  ['123456789', 12_739],
  ['foo', 12_182],
  ['{foo}:1', 12_182],
  ['a{foo}{bar}', 12_182],
  ['schlüssel', 7677],
  ['{}foo', 9500],
  ['foo{}{bar}', 8363],
  ['foo}{bar', 7624],
  ['{foo', 13_308],
  ['foo{{bar}}zap', 4015],
  ['', 0],
])('%j is in the slot that CLUSTER KEYSLOT says', (key, slot) => {
  expect(slotOf(key)).toBe(slot);
});
