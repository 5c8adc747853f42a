import { expect, test } from '@jest/globals';
import { batchesOf } from '../../src/protocol/batches.js';
import { Claim } from '../../src/protocol/claim.js';
import { grant, release, type Operation } from '../../src/protocol/operation.js';
import { PermitKeys } from '../../src/protocol/permit-keys.js';

function sizesOf(permits: number, count: number, make: (claim: Claim) => Operation): number[] {
  const rounds = Array.from({ length: count }, (_, permit) => ({
    operation: make(new Claim(new PermitKeys('{s}:permits:waiting', permit, permits, true), 't')),
  }));
  return batchesOf(rounds, false).map(({ length }) => length);
}

function attempt(claim: Claim): Operation {
  return grant(claim, 1000, 7);
}

test('tries for permits share a command with as many others as their permits allow', () => {
  expect(sizesOf(10, 128, attempt)).toEqual([128]);
  expect(sizesOf(1000, 5, attempt)).toEqual([2, 2, 1]);
});

test('releases of permits read no others, so they share a command as all releases do', () => {
  expect(sizesOf(1000, 128, (claim) => release(claim, 1000))).toEqual([128]);
});
