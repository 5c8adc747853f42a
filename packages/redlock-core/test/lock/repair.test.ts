import { expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { QuorumError, type AcquireOptions, type Lock } from 'redlock-core';
import { settle } from '../support/settle.js';
import type { TestNode } from '../support/test-node.js';
import { held, TTL, world } from '../support/world.js';

/** As after a restart without data. */
async function loseData({ server }: TestNode, ...keys: readonly string[]): Promise<void> {
  for (const key of keys.length > 0 ? keys : ['r']) {
    await server.steal(key);
    await server.setCounter(key);
  }
}

/** As {@link held}, but `c` has lost its data. */
async function lacking(resources: string | string[] = 'r', options?: AcquireOptions) {
  const three = await held(resources, options);
  await loseData(three.c, ...three.lock.resources);
  return three;
}

async function extend(lock: Lock, ttl?: number): Promise<void> {
  await lock.extend(ttl);
  await settle();
}

async function expectHeldOn({ server }: TestNode, lock: Lock): Promise<void> {
  for (const resource of lock.resources) {
    expect(await server.holderOf(resource)).toBe(lock.token);
    expect(await server.counterOf(resource)).toBe(lock.fencingToken || null);
  }
}

/** Five nodes that hold the lock, some of which have lost it. */
async function fiveLacking(...lacks: readonly ('b' | 'c' | 'd')[]) {
  const five = world(5);
  const lock = await five.redlock.acquire('r', TTL);
  await settle();
  for (const name of lacks) await loseData(five[name]);
  return { ...five, lock };
}

test.each([
  ['with', true],
  ['without', false],
])(
  'repair: after an extension, a node that lacks the key holds it again, with the ttl of the extension, after one command more: %s fencing',
  async (_, fencing) => {
    const { lock, c, expiries, mark } = await lacking('r', { fencing });
    const since = mark();
    await extend(lock, 2 * TTL);
    await expectHeldOn(c, lock);
    expect(await expiries()).toEqual([2 * TTL, 2 * TTL, 2 * TTL]);
    expect(since()).toEqual([1, 1, 2]);
  },
);

test('repair: one that fails harms nothing, and is tried again at the next extension', async () => {
  const { lock, c } = await repairing();
  for (const command of c.unanswered) command.fail(new Error('ERR out of order'));
  await settle();
  expect(lock.remaining()).toBe(9898);
  c.answer();
  await extend(lock);
  await expectHeldOn(c, lock);
});

test('repair: one starts when the extension has succeeded, not before', async () => {
  const { lock, c, d, e } = await fiveLacking('c');
  for (const node of [d, e]) node.hold();
  const extending = lock.extend();
  await settle();
  expect(await c.server.holderOf('r')).toBeNull();
  expect(c.unanswered).toEqual([]);
  d.answer();
  await extending;
  await settle();
  await expectHeldOn(c, lock);
});

test('repair: one is one command a node, whether it answered before the decision or after it', async () => {
  const { lock, b, d, mark } = await fiveLacking('b', 'd');
  const since = mark();
  d.hold();
  await extend(lock);
  expect(since()).toEqual([1, 2, 1, 1, 1]);
  d.answer();
  await settle();
  expect(since()).toEqual([1, 2, 1, 2, 1]);
  for (const node of [b, d]) await expectHeldOn(node, lock);
});

test('repair: none follows an extension that failed because too few nodes answered', async () => {
  const { lock, b, holders } = await lacking();
  b.fail();
  expect(await rejectionOf(lock.extend())).toBeInstanceOf(QuorumError);
  await settle();
  expect(await holders()).toEqual([lock.token, lock.token, null]);
});

/** The repair of `c` is written and not answered. */
async function repairing() {
  const three = await lacking();
  const { lock, c } = three;
  c.hold();
  await lock.extend();
  c.last('extend').reply();
  await settle();
  expect(c.unanswered).toHaveLength(1);
  return { ...three, repair: c.last('extend') };
}

test('repair: one that runs after the release is released again', async () => {
  const { lock, c, repair } = await repairing();
  expect(await lock.release()).toBe(true);
  await settle();
  c.last('release').reply();
  await settle();
  repair.reply();
  await settle();
  await expectHeldOn(c, lock);
  c.answer();
  await settle();
  expect(await c.server.holderOf('r')).toBeNull();
});

test('repair: none follows an answer that comes after the release', async () => {
  const { lock, c } = await lacking();
  c.hold();
  await lock.extend();
  await lock.release();
  await settle();
  c.answer();
  await settle();
  expect(c.extends).toBe(1);
  expect(await c.server.holderOf('r')).toBeNull();
});
