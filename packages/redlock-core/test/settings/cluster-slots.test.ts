import { expect, test } from '@jest/globals';
import type { AcquireOptions, RedlockOptions } from 'redlock-core';
import { slotOf } from '../../src/protocol/routing.js';
import { expectRefusal } from '../support/refusal.js';
import { TestNode } from '../support/test-node.js';
import { redlockOver } from '../support/world.js';

/** Three nodes, of which one is a Cluster. @param keyPrefix of its client */
function withCluster(options?: RedlockOptions, keyPrefix?: string) {
  const cluster = new TestNode('b', { cluster: true, ...(keyPrefix && { keyPrefix }) });
  return redlockOver([new TestNode('a'), cluster, new TestNode('c')], options);
}

const BRACE = (key: string): string =>
  `RangeError: The key "${key}" has a } but no hash tag, so on a Cluster its fencing counter ` +
  'cannot share its slot; choose another name, add a hash tag, or set fencing: false';
const SLOTS =
  'RangeError: The resources "{shop}:1", "stock", "{shop}:2" are in different slots of the ' +
  'Cluster b; give them a hash tag in common, as in "{order-1}:stock" and "{order-1}:payment", ' +
  'or lock them one by one';
const CLIENT_PREFIX =
  'RangeError: The client of the Cluster b puts a prefix of its own before the key "stock", so ' +
  'its fencing counter cannot share its slot; use the keyPrefix of Redlock instead, put a hash ' +
  'tag in the prefix, or set fencing: false';
const IN_SLOTS = ['{shop}:1', 'stock', '{shop}:2'];

test.each([
  ['a}b', ['x', 'a}b'], BRACE('a}b'), {}, undefined],
  ['{}b', ['{}b'], BRACE('{}b'), {}, undefined],
  ['r under the prefix app}:', ['r'], BRACE('app}:r'), { keyPrefix: 'app}:' }, undefined],
  ['keys of several slots', IN_SLOTS, SLOTS, { fencing: true }, undefined],
  ['keys of several slots without fencing', IN_SLOTS, SLOTS, { fencing: false }, undefined],
  ["a key under its client's own prefix", ['stock'], CLIENT_PREFIX, {}, 'app:'],
])(
  'arguments: with a Cluster among the nodes, %s is refused',
  async (_, resources, error, options, keyPrefix) => {
    const over = withCluster(options, keyPrefix);
    await expectRefusal((redlock) => redlock.acquire(resources, 1000), error, over);
    await expectRefusal((redlock) => redlock.tryAcquire(resources, 1000), error, over);
    await expectRefusal((redlock) => redlock.using(resources, 1000, () => null), error, over);
  },
);

interface Accepted {
  readonly what: string;
  readonly resources: string[];
  readonly options?: RedlockOptions;
  /** Of the client. */
  readonly keyPrefix?: string;
  readonly own?: AcquireOptions;
}

test.each<Accepted>([
  { what: 'a hash tag in common', resources: ['{shop}:1', '{shop}:2', 'shop'] },
  { what: 'a prefix with a hash tag', resources: ['a', 'b'], options: { keyPrefix: '{app}:' } },
  { what: 'a tagged prefix of the client', resources: ['a', 'b'], keyPrefix: '{app}:' },
  // CLUSTER KEYSLOT says 3902 of both.
  { what: 'slots that happen to be the same', resources: ['stock', 'r6681'] },
  { what: 'a brace without fencing', resources: ['a}b'], own: { fencing: false } },
  { what: 'a brace, fencing off by default', resources: ['a}b'], options: { fencing: false } },
  { what: 'a brace before a hash tag', resources: ['}{a}b}'] },
  { what: 'a brace behind a hash tag', resources: ['a}b'], options: { keyPrefix: '{app}' } },
  { what: 'a brace that opens only', resources: ['a{b'] },
])(
  'arguments: with a Cluster among the nodes, resources with $what are accepted',
  async ({ resources, options, keyPrefix, own }) => {
    const { redlock, nodes } = withCluster(options, keyPrefix);
    const lock = await redlock.acquire(resources, 1000, own);
    for (const { server } of nodes) {
      expect(await server.holderOf(`${options?.keyPrefix ?? ''}${resources[0]}`)).toBe(lock.token);
    }
  },
);

test('an inspection of a key that cannot share its slot with a queue names no other key', async () => {
  const { redlock, nodes } = withCluster({ fencing: false });
  await redlock.inspect('a}b');
  for (const node of nodes) expect(node.commands[0]?.args.slice(2, 4)).toEqual(['1', 'a}b']);
});

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
