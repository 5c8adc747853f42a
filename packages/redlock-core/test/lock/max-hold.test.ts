import { expect, test } from '@jest/globals';
import { held, world } from '../support/world.js';

const TTL = 3000;

async function heldFor(maxHold: number) {
  return held('r', { autoExtend: true, maxHold }, TTL);
}

test('extension: an automatic one is not sent after maxHold, and the lock ends with its validity', async () => {
  const { lock, time, a } = await heldFor(5000);
  const { signal } = lock;
  await time.advance(5000);
  const sent = a.extends;
  expect(sent).toBeGreaterThanOrEqual(4);
  await time.advance(lock.remaining() - 1);
  expect(a.extends).toBe(sent);
  expect(signal.aborted).toBe(false);
  await time.advance(1);
  expect(signal.reason).toMatchObject({ reason: 'EXPIRED' });
});

test('extension: maxHold counts from the grant', async () => {
  const { redlock, nodes, time, a } = world(3, { nodeTimeout: 2000 });
  for (const node of nodes) node.hold();
  const acquiring = redlock.acquire('r', TTL, { autoExtend: true, maxHold: 1500 });
  await time.advance(800);
  for (const node of nodes) node.answer();
  await acquiring;
  // At 1000, since the ttl counts from when it was asked for, and at 2000.
  await time.advance(60_000);
  expect(a.extends).toBe(2);
});

test('extension: maxHold 0 disables the automatic one', async () => {
  const { time, a } = await heldFor(0);
  await time.advance(60_000);
  expect(a.extends).toBe(0);
});

test('extension: maxHold does not limit explicit ones', async () => {
  const { lock, time, a } = await heldFor(500);
  for (let turn = 0; turn < 10; turn++) {
    await time.advance(2000);
    await lock.extend();
  }
  expect(lock.remaining()).toBe(TTL - 32);
  await time.advance(TTL);
  expect(a.extends).toBe(10);
  expect(lock.signal.aborted).toBe(true);
});

test('extension: maxHold can be a default of the Redlock, which a call overrules', async () => {
  const { redlock, time, a } = world(3, { maxHold: 500, autoExtend: true });
  await redlock.acquire('r', TTL, { wait: 0 });
  const longer = await redlock.acquire('s', TTL, { maxHold: Infinity });
  await time.advance(30_000);
  expect(longer.remaining()).toBeGreaterThan(0);
  expect(a.given('extend').some(({ keys }) => keys.includes('r'))).toBe(false);
});

test('extension: an automatic one that is retried is not sent after maxHold', async () => {
  const { time, nodes, a } = await heldFor(1500);
  for (const node of nodes) node.fail();
  await time.advance(1500);
  const sent = a.extends;
  expect(sent).toBeGreaterThan(1);
  for (const node of nodes) node.answer();
  await time.advance(60_000);
  expect(a.extends).toBe(sent);
});
