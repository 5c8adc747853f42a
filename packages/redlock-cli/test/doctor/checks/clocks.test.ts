import { describe, expect, test } from '@jest/globals';
import { memoryNode } from 'redlock-core/memory';
import { clocks } from '../../../src/doctor/checks/clocks.js';
import type { Offset } from '../../../src/doctor/facts/clock.js';
import { unknownNode } from '../../../src/doctor/facts/node-facts.js';
import { termsOf } from '../../../src/doctor/terms.js';

async function found(...offsets: readonly Offset[]): Promise<(string | null)[]> {
  const terms = await termsOf([memoryNode({ name: 'any' })], { ttl: 60_000 });
  const nodes = offsets.map((offset, index) => ({
    ...unknownNode(memoryNode({ name: `${index}` }), null),
    offsets: [offset],
  }));
  return clocks({ nodes, terms }).map(({ code, node }) => `${code} ${node}`);
}

const exact: Offset = { low: -1, high: 1 };

describe('an offset', () => {
  test('that a slow reply leaves open is no finding', async () => {
    expect(await found(exact, exact, { low: -3000, high: 1 })).toEqual([]);
  });

  test('that is a second in any case is one', async () => {
    expect(await found(exact, exact, { low: -3000, high: -1002 })).toEqual(['CLOCKS_APART 2']);
    expect(await found(exact, exact, { low: 1002, high: 3000 })).toEqual(['CLOCKS_APART 2']);
  });

  test('may be too far from another and not from the middle one', async () => {
    const slow = { low: -701, high: -700 };
    const fast = { low: 700, high: 701 };
    expect(await found(fast, exact, slow)).toEqual(['CLOCKS_APART 0']);
  });

  test('of all nodes alike is that of this machine', async () => {
    const ahead = { low: 2000, high: 2001 };
    expect(await found(ahead, ahead, ahead)).toEqual(['OWN_CLOCK null']);
  });
});
