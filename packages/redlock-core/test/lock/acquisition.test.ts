import { getEventListeners } from 'node:events';
import { expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import type { AcquireOptions } from 'redlock-core';
import { settle } from '../support/settle.js';
import { TTL, world, type ProcessOptions } from '../support/world.js';

/** It polls: no node can notify it. */
const POLLING = { pollInterval: 100, subscribers: 0 };

/** Another holds `r` on every node. */
async function locked(options: ProcessOptions = {}) {
  const all = world(3, { ...POLLING, ...options });
  await all.steal('other');
  // No random part is added to the pauses.
  all.time.chance = 0;
  const acquire = async (own?: AcquireOptions) => all.redlock.acquire('r', TTL, own);
  return { ...all, acquire, free: async () => all.steal() };
}

test('time-limit: attempts start within `wait`, and the call rejects when it is over', async () => {
  const { acquire, time, a } = await locked();
  let error: unknown;
  const tried = rejectionOf(acquire({ wait: 350 })).then((reason) => (error = reason));
  await time.advance(349);
  expect(error).toBeUndefined();
  expect(a.acquires).toBe(4);
  await time.advance(1);
  await tried;
  expect(error).toMatchObject({ code: 'RESOURCE_LOCKED' });
  expect(a.acquires).toBe(4);
});

test('time-limit: `wait` is 5 s by default', async () => {
  const { acquire, time, a } = await locked();
  const tried = rejectionOf(acquire());
  await time.advance(5000);
  expect(await tried).toMatchObject({ code: 'RESOURCE_LOCKED' });
  expect(a.acquires).toBe(50);
});

const reason = new Error('no longer wanted');

test('time-limit: if the signal is aborted before a call, nothing is sent', async () => {
  const { redlock, sent } = world();
  const aborted = { signal: AbortSignal.abort(reason) };
  const calls = [
    redlock.acquire('r', TTL, aborted),
    redlock.tryAcquire('r', TTL, aborted),
    redlock.adopt('r', 'token', TTL, aborted),
  ];
  for (const call of calls) expect(await rejectionOf(call)).toBe(reason);
  expect(sent()).toEqual([0, 0, 0]);
});

test('time-limit: an abort while waiting leaves no timer and no listener', async () => {
  const { acquire, time, a } = await locked();
  const caller = new AbortController();
  const rejected = rejectionOf(acquire({ signal: caller.signal }));
  await time.advance(50);
  expect(getEventListeners(caller.signal, 'abort')).toHaveLength(1);
  caller.abort(reason);
  expect(await rejected).toBe(reason);
  expect(time.holding).toEqual([]);
  expect(getEventListeners(caller.signal, 'abort')).toEqual([]);
  await time.advance(1000);
  expect(time.pending).toEqual([]);
  expect(a.acquires).toBe(1);
});

test.each([
  ['succeeds', undefined],
  ['fails', 'other'],
])(
  'time-limit: an abort during an attempt that %s rejects with its reason, and leaves nothing',
  async (_, token) => {
    const { redlock, nodes, steal, holders, everywhere } = world();
    await steal(token);
    for (const node of nodes) node.hold();
    const caller = new AbortController();
    const rejected = rejectionOf(redlock.tryAcquire('r', TTL, { signal: caller.signal }));
    await settle();
    caller.abort(reason);
    for (const node of nodes) node.answer();
    expect(await rejected).toBe(reason);
    expect(await holders()).toEqual(everywhere(token ?? null));
  },
);

const closed = { name: 'RedlockClosedError', code: 'CLOSED', resources: ['r'], votes: [] };

test('closing: close() releases what an attempt under way is granted, before the clients are closed', async () => {
  const { redlock, nodes, holders, everywhere } = world();
  for (const node of nodes) node.hold();
  const waiter = rejectionOf(redlock.acquire('r', TTL));
  await settle();
  const closing = redlock.close();
  await settle();
  for (const node of nodes) expect(node.closes).toBe(0);
  for (const node of nodes) node.answer();
  expect(await waiter).toMatchObject(closed);
  await closing;
  expect(await holders()).toEqual(everywhere(null));
  for (const node of nodes) expect(node).toMatchObject({ closes: 1, listeners: 0 });
});

test('closing: close() rejects every later call, and sends nothing', async () => {
  const { redlock, sent } = world();
  await redlock.close();
  const calls = [
    redlock.acquire('r', TTL),
    redlock.tryAcquire('r', TTL),
    redlock.using('r', TTL, () => 'done'),
    redlock.adopt('r', 'token', TTL),
    redlock.inspect('r'),
  ];
  for (const call of calls) expect(await rejectionOf(call)).toMatchObject(closed);
  expect(sent()).toEqual([0, 0, 0]);
});

test('closing: close() comes at the end of `await using`, and leaves no timer', async () => {
  const { redlock, nodes, time } = world();
  {
    await using own = redlock;
    await own.inspect('r');
  }
  for (const node of nodes) expect(node.closes).toBe(1);
  expect(time.pending).toEqual([]);
});

test('resources can be 1,000, and those that are named twice are one', async () => {
  const { redlock, holders, everywhere } = world();
  const resources = Array.from({ length: 1000 }, (_, index) => `r${index}`);
  const lock = await redlock.acquire([...resources, ...resources], TTL);
  expect(lock.resources).toEqual(resources);
  expect(await holders('r999')).toEqual(everywhere(lock.token));
  expect(await lock.release()).toBe(true);
});
