import { expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { settle } from '../support/settle.js';
import { held, TTL, world } from '../support/world.js';

const RELEASED = { code: 'LOCK_RELEASED', resources: ['r'] };

test('detach ends the handle, sends nothing, then or later, and is neither a loss nor an event', async () => {
  const { lock, time, names, mark } = await held('r', { autoExtend: true });
  const { signal } = lock;
  const since = mark();
  lock.detach();
  expect(lock.remaining()).toBe(0);
  expect(await lock.release()).toBe(false);
  expect(await lock.release({ keepFor: 1000 })).toBe(false);
  expect(await rejectionOf(lock.extend())).toMatchObject(RELEASED);
  lock.detach();
  await time.advance(1000);
  expect(time.pending).toEqual([]);
  await time.advance(60_000);
  expect(since()).toEqual([0, 0, 0]);
  expect(signal.aborted).toBe(false);
  expect(lock.signal.aborted).toBe(false);
  expect(names()).toEqual(['acquired']);
});

test('detach rejects an extension under way and those behind it as RELEASED, and sends no other', async () => {
  const { lock, nodes, time, mark } = await held();
  const since = mark();
  for (const node of nodes) node.hold();
  const extensions = [lock.extend(), lock.extend()].map(rejectionOf);
  await settle();
  lock.detach();
  for (const node of nodes) node.answer();
  for (const extension of extensions) expect(await extension).toMatchObject(RELEASED);
  await time.advance(60_000);
  expect(since()).toEqual([1, 1, 1]);
});

test('repair: a repair does not follow an answer to the last extension that comes after detach', async () => {
  const { lock, c, time, mark } = await held();
  await c.server.steal('r');
  const since = mark();
  c.hold();
  await lock.extend();
  lock.detach();
  c.answer();
  await time.advance(1000);
  expect(since()).toEqual([1, 1, 1]);
  expect(await c.server.holderOf('r')).toBeNull();
});

test('detach keeps a grant that comes late: it is part of the lock that stays', async () => {
  const { redlock, c, time } = world();
  c.hold();
  const lock = await redlock.acquire('r', TTL);
  lock.detach();
  c.answer();
  await time.advance(1000);
  expect(await c.server.holderOf('r')).toBe(lock.token);
  expect(c.releases).toBe(0);
});

test('detach in a routine is no loss: `using` resolves, and the key stays', async () => {
  const { redlock, holders, everywhere } = world();
  const token = await redlock.using('r', TTL, (_signal, lock) => {
    lock.detach();
    return lock.token;
  });
  await settle();
  expect(await holders()).toEqual(everywhere(token));
});
