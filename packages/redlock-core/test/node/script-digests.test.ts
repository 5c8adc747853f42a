import { expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { settle } from '../support/settle.js';
import { DOWN } from '../support/test-node.js';
import { TTL, world } from '../support/world.js';

/** Every server knows the scripts but that of `c`, which has lost them. No command is recorded yet. */
async function scriptsLost() {
  const all = world();
  const both = ['one', 'two'].map((name) => all.redlock.acquire(name, TTL));
  for (const warm of await Promise.all(both)) {
    await warm.extend();
    await warm.release();
  }
  const lock = await all.redlock.acquire('held', TTL);
  await settle();
  all.c.server.flushScripts();
  for (const { commands } of all.nodes) commands.length = 0;
  return { ...all, lock };
}

test('a server that lost its scripts is sent them again while the attempt is undecided', async () => {
  const { redlock, a, b, c } = await scriptsLost();
  a.mode = 'hold';
  b.fail(DOWN);
  const acquiring = redlock.acquire('r', TTL);
  await settle();
  a.answer();
  const lock = await acquiring;
  expect(c.commands.map(({ whole }) => whole)).toEqual([false, true]);
  expect(await c.server.holderOf('r')).toBe(lock.token);
});

test('a command that shares a lost script is sent again without what is no longer wanted', async () => {
  const { redlock, time, c, lock, a, b } = await scriptsLost();
  for (const node of [a, b, c]) node.mode = 'hold';
  const released = lock.release();
  const wanted = redlock.acquire('wanted', TTL);
  const failed = rejectionOf(redlock.tryAcquire('given up', 1000));
  await settle();
  await time.advance(50);
  expect(await failed).toMatchObject({ code: 'QUORUM_UNAVAILABLE' });
  c.answer();
  await settle();
  for (const node of [a, b]) node.answer();
  expect(await released).toBe(true);
  await settle();
  expect(c.acquires).toBe(3);
  expect(await c.server.holderOf('held')).toBeNull();
  expect(await c.server.holderOf('given up')).toBeNull();
  expect(await c.server.holderOf('wanted')).toBe((await wanted).token);
});
