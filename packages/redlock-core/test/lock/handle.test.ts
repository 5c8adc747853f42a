import { expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { LockLostError, QuorumError, type Lock } from 'redlock-core';
import { settle } from '../support/settle.js';
import type { TestNode } from '../support/test-node.js';
import { held, TTL, world } from '../support/world.js';

/** What is left of the ttl after the drift: 1% and 2 ms. */
const VALIDITY = 9898;

async function extensionFails(lock: Lock): Promise<unknown> {
  return rejectionOf(lock.extend());
}

async function takeFrom(...nodes: readonly TestNode[]): Promise<void> {
  for (const { server } of nodes) await server.steal('r', 'another');
}

const lost = (reason: string) => ({ code: 'LOCK_LOST', reason });

test('validity: that of an extension starts when that is sent', async () => {
  const { lock, time, nodes } = await held();
  await time.advance(4000);
  for (const node of nodes) node.hold();
  const extending = lock.extend();
  await time.advance(100);
  for (const node of nodes) node.answer();
  await extending;
  expect(lock.remaining()).toBe(VALIDITY - 100);
});

test('extension: one has the ttl of the last one that succeeded', async () => {
  const { lock, nodes, time } = await held();
  await lock.extend(2 * TTL);
  for (const node of nodes) node.fail();
  await rejectionOf(lock.extend(6 * TTL));
  for (const node of nodes) node.answer();
  await time.advance(1000);
  await lock.extend();
  expect(lock.remaining()).toBe(20_000 - 202);
});

test('extension: one with a shorter ttl shortens neither validity nor keys', async () => {
  const { lock, time, holders, everywhere } = await held();
  await lock.extend(100);
  expect(lock.remaining()).toBe(VALIDITY);
  await time.advance(9000);
  expect(await holders()).toEqual(everywhere(lock.token));
  expect(lock.remaining()).toBe(VALIDITY - 9000);
});

test('extension: one that fails is a QuorumError, changes nothing, and can be repeated', async () => {
  const { lock, time, a, b, holders, everywhere, names } = await held();
  for (const node of [a, b]) node.fail();
  await time.advance(100);
  const error = await rejectionOf(lock.extend(2000));
  expect(error).toBeInstanceOf(QuorumError);
  expect(error).toMatchObject({ resources: ['r'], votes: [{ node: 'a' }, { node: 'b' }] });
  expect(lock.remaining()).toBe(VALIDITY - 100);
  expect(lock.signal.aborted).toBe(false);
  expect(await holders()).toEqual(everywhere(lock.token));
  a.answer();
  await lock.extend();
  expect(names()).toEqual(['acquired', 'nodeFailed', 'nodeFailed', 'nodeRecovered', 'extended']);
});

test('a loss is NOT_HELD, at once, when too many nodes say that another has the key', async () => {
  const { lock, a, b, holders } = await held();
  const { signal } = lock;
  await takeFrom(a, b);
  const error = await extensionFails(lock);
  expect(error).toBeInstanceOf(LockLostError);
  expect(error).toMatchObject({
    reason: 'NOT_HELD',
    votes: [{ result: 'denied' }, { result: 'denied' }],
  });
  expect(signal.reason).toBe(error);
  expect(await extensionFails(lock)).toBe(error);
  await settle();
  // The rest of it is released, and nothing of the new owner.
  expect(await holders()).toEqual(['another', 'another', null]);
});

test('validity: it ends to the ms, as EXPIRED, and the lock is released', async () => {
  const { lock, time, holders } = await held();
  const { signal } = lock;
  await time.advance(VALIDITY - 1);
  expect(signal.aborted).toBe(false);
  await time.advance(1);
  expect(signal.reason).toMatchObject(lost('EXPIRED'));
  expect(await extensionFails(lock)).toBe(signal.reason);
  expect(await holders()).toEqual([null, null, null]);
});

test('validity: an end during a suspension is noticed within a second, or by remaining()', async () => {
  const { lock, time } = await held();
  const { signal } = lock;
  time.suspend(VALIDITY);
  await time.advance(1000);
  expect(signal.reason).toMatchObject(lost('EXPIRED'));

  const other = await held();
  const { signal: second } = other.lock;
  other.time.suspend(VALIDITY);
  expect(other.lock.remaining()).toBe(0);
  expect(second.aborted).toBe(true);
});

test.each([
  ['answered the last extension', (node: TestNode) => node.fail(), undefined],
  ['has answered the extension under way', (node: TestNode) => node.hold(), 5000],
])('a loss is EXPIRED, not UNREACHABLE, if a quorum %s', async (_, happens, nodeTimeout) => {
  const { redlock, a, c, time } = world(3, nodeTimeout === undefined ? {} : { nodeTimeout });
  const lock = await redlock.acquire('r', 1000);
  await settle();
  await a.server.steal('r');
  happens(c);
  void extensionFails(lock);
  await time.advance(1000);
  expect(await extensionFails(lock)).toMatchObject(lost('EXPIRED'));
});

test('a loss is one event, one abort and one error, also for a signal that is read later', async () => {
  const { lock, time, seen, names } = await held();
  let aborts = 0;
  lock.signal.addEventListener('abort', () => aborts++);
  await time.advance(20_000);
  lock.remaining();
  const error = await extensionFails(lock);
  expect(await lock.release()).toBe(false);
  expect(aborts).toBe(1);
  expect(names()).toEqual(['acquired', 'lost']);
  expect(seen[1]).toEqual(['lost', { lock, error }]);
  expect(lock.signal.reason).toBe(error);
  expect(time.pending).toEqual([]);

  const unread = await held();
  await unread.time.advance(VALIDITY);
  expect(unread.seen.at(-1)).toEqual([
    'lost',
    { lock: unread.lock, error: unread.lock.signal.reason },
  ]);
});

test('release frees every node, once, and is true if a quorum held the lock until then', async () => {
  const { lock, names, time, holders, mark } = await held();
  const since = mark();
  const { signal } = lock;
  const releases = await Promise.all([lock.release(), lock.release()]);
  expect([...releases, await lock.release()]).toEqual([true, true, true]);
  await settle();
  expect(await holders()).toEqual([null, null, null]);
  expect(lock.remaining()).toBe(0);
  // The timer that looks after what is held fires no more.
  expect(time.pending).not.toContain(1000);
  await time.advance(20_000);
  expect(since()).toEqual([1, 1, 1]);
  expect(names()).toEqual(['acquired', 'released']);
  expect(signal.aborted).toBe(false);
  expect(time.pending).toEqual([]);
});

test.each([
  ['one node is down', true, async (a: TestNode) => a.fail()],
  ['a quorum is down', false, async (a: TestNode, b: TestNode) => [a, b].map((n) => n.fail())],
  ['a quorum lost it', false, async (a: TestNode, b: TestNode) => takeFrom(a, b)],
])('release never rejects: if %s it is %s', async (_, confirmed, happens) => {
  const { lock, a, b, seen } = await held();
  await happens(a, b);
  expect(await lock.release()).toBe(confirmed);
  const last = seen.findLast(([event]) => event === 'released');
  expect(last).toEqual(['released', { lock, confirmed }]);
});

test('release rejects extend as RELEASED, also one under way', async () => {
  const { lock, nodes, holders } = await held();
  for (const node of nodes) node.hold();
  const underWay = extensionFails(lock);
  await settle();
  const releasing = lock.release();
  for (const node of nodes) node.answer();
  await releasing;
  expect(await underWay).toMatchObject({ code: 'LOCK_RELEASED' });
  expect(await extensionFails(lock)).toMatchObject({ code: 'LOCK_RELEASED' });
  await settle();
  expect(await holders()).toEqual([null, null, null]);
});

test('release comes at the end of `await using`', async () => {
  const { redlock, a } = world();
  {
    await using lock = await redlock.acquire('r', TTL);
    expect(await a.server.holderOf('r')).toBe(lock.token);
  }
  expect(await a.server.holderOf('r')).toBeNull();
});

test('release is one release, although a listener calls it again', async () => {
  const { lock, redlock, nodes, names } = await held();
  for (const node of nodes) node.fail();
  redlock.on('nodeFailed', () => void lock.release());
  expect(await lock.release()).toBe(false);
  await settle();
  expect(names().filter((name) => name === 'released')).toHaveLength(1);
});

test('closing: close() leaves a held lock valid, which can be released and not extended', async () => {
  const { lock, redlock, mark } = await held();
  await redlock.close();
  const since = mark();
  expect(lock.remaining()).toBe(VALIDITY);
  expect(await extensionFails(lock)).toMatchObject({ code: 'CLOSED', resources: ['r'] });
  expect(since()).toEqual([0, 0, 0]);
  expect(await lock.release()).toBe(true);
});

test('closing: close() lets an extension under way be decided', async () => {
  const { lock, redlock, nodes, a, b } = await held();
  const { signal } = lock;
  await takeFrom(a, b);
  for (const node of nodes) node.hold();
  const failed = extensionFails(lock);
  await settle();
  await redlock.close();
  for (const node of nodes) node.answer();
  expect(await failed).toMatchObject(lost('NOT_HELD'));
  expect(signal.aborted).toBe(true);
});
