import { expect, test } from '@jest/globals';
import type { AcquireOptions, Lock } from 'redlock-core';
import { world } from '../support/world.js';

const TTL = 10_000;
const SHARED = { mode: 'shared' } as const;
/** It is not the poll that wakes. */
const PATIENT = { pollInterval: 50_000, wait: Infinity };

/** Three processes, and what they have got from waiting so far. */
function processes(options: AcquireOptions = PATIENT) {
  const { process, time: runtime, servers } = world();
  runtime.chance = 0;
  const [one, two, three] = [process(options), process(options), process(options)];
  const got: string[] = [];
  const locks = new Map<string, Lock>();
  const join = (name: string, at: typeof one, own?: AcquireOptions): void => {
    at.redlock.acquire('r', TTL, own).then(
      (lock) => {
        got.push(name);
        locks.set(name, lock);
      },
      () => {},
    );
  };
  const release = async (name: string): Promise<void> => {
    await locks.get(name)?.release();
    await runtime.advance(1);
  };
  return { runtime, servers, one, two, three, got, locks, join, release };
}

test('all shared waiters up to the first exclusive one are notified together', async () => {
  const { one, two, three, join, release, got, runtime } = processes();
  join('writer', one);
  await runtime.advance(1);
  join('reader 2', two, SHARED);
  await runtime.advance(50);
  join('reader 3', three, SHARED);
  await runtime.advance(50);
  await release('writer');
  expect(got).toEqual(['writer', 'reader 2', 'reader 3']);
});

test('shared waiters of one process get in together', async () => {
  const { one, two, join, release, got, runtime } = processes();
  join('writer', one);
  await runtime.advance(1);
  for (const name of ['a', 'b', 'c']) join(name, two, SHARED);
  join('exclusive', two);
  join('behind it', two, SHARED);
  await runtime.advance(50);
  await release('writer');
  expect(got).toEqual(['writer', 'a', 'b', 'c']);
  for (const name of ['a', 'b', 'c']) await release(name);
  expect(got.slice(4)).toEqual(['exclusive']);
  await release('exclusive');
  expect(got.slice(5)).toEqual(['behind it']);
});

test('no shared grant passes an exclusive waiter, also by tryAcquire', async () => {
  const { one, two, three, join, release, got, runtime } = processes();
  join('first', one, SHARED);
  await runtime.advance(1);
  join('writer', two);
  await runtime.advance(50);
  expect(await three.redlock.tryAcquire('r', TTL, SHARED)).toBeNull();
  join('late', three, SHARED);
  await runtime.advance(50);
  expect(got).toEqual(['first']);
  await release('first');
  expect(got).toEqual(['first', 'writer']);
  await release('writer');
  expect(got).toEqual(['first', 'writer', 'late']);
});

test.each(['acquire', 'tryAcquire'] as const)(
  'a reader that is denied a free key by %s, because a writer waits, notifies the writer',
  async (call) => {
    const { one, two, three, servers, join, got, runtime } = processes();
    await one.redlock.acquire('r', TTL);
    await runtime.advance(1);
    join('writer', two);
    await runtime.advance(50);
    // Not every client of Redis calls the next.
    for (const server of servers) await server.delete('r');
    if (call === 'acquire') join('reader', three, SHARED);
    else expect(await three.redlock.tryAcquire('r', TTL, SHARED)).toBeNull();
    await runtime.advance(50);
    expect(got).toEqual(['writer']);
  },
);

test('readers of one process get in together before a writer of another one that came later', async () => {
  const { one, two, three, join, release, got, runtime } = processes();
  join('holder', one);
  await runtime.advance(1);
  for (const name of ['a', 'b', 'c']) join(name, two, SHARED);
  await runtime.advance(50);
  join('writer', three);
  await runtime.advance(50);
  await release('holder');
  expect(got).toEqual(['holder', 'a', 'b', 'c']);
  join('late', two, SHARED);
  await runtime.advance(50);
  for (const name of ['a', 'b', 'c']) await release(name);
  expect(got.slice(4)).toEqual(['writer']);
  await release('writer');
  expect(got.slice(5)).toEqual(['late']);
});

test('an exclusive waiter stays in the queues when one of several holders of its process is done', async () => {
  const { one, three, join, release, got, runtime } = processes();
  for (const name of ['r1', 'r2']) join(name, one, SHARED);
  await runtime.advance(1);
  join('writer', one);
  await runtime.advance(50);
  await release('r1');
  expect(await one.redlock.inspect('r')).toMatchObject({ waiting: 1 });
  expect(await three.redlock.tryAcquire('r', TTL, SHARED)).toBeNull();
  await release('r2');
  expect(got).toEqual(['r1', 'r2', 'writer']);
});

test('a reader gets in when the writer before it in its own process gives up', async () => {
  const { one, two, join, got, runtime } = processes();
  join('holder', one, SHARED);
  await runtime.advance(1);
  const caller = new AbortController();
  join('writer', two, { signal: caller.signal });
  await runtime.advance(50);
  join('reader', two, SHARED);
  await runtime.advance(50);
  caller.abort(new Error('no longer wanted'));
  await runtime.advance(50);
  expect(got).toEqual(['holder', 'reader']);
});

test('a writer that hangs keeps readers out no longer than its queue lives', async () => {
  const { one, two, three, join, got, runtime } = processes({ ...PATIENT, pollInterval: 100 });
  await one.redlock.acquire('r', 1000);
  await runtime.advance(1);
  join('writer', two);
  await runtime.advance(100);
  // It still listens, and asks nothing more.
  for (const node of two.nodes) node.mode = 'hold';
  join('reader', three, SHARED);
  await runtime.advance(20_000);
  expect(got).toEqual(['reader']);
});

test('an exclusive waiter behind shared holders of its own process stands in the queues', async () => {
  const { one, three, join, release, got, runtime } = processes();
  join('reader', one, SHARED);
  await runtime.advance(1);
  join('writer', one);
  await runtime.advance(50);
  expect(await one.redlock.inspect('r')).toMatchObject({ waiting: 1 });
  expect(await three.redlock.tryAcquire('r', TTL, SHARED)).toBeNull();
  await release('reader');
  expect(got).toEqual(['reader', 'writer']);
});

test('an exclusive waiter that gives up lets those behind it in', async () => {
  const { one, two, three, join, got, runtime } = processes();
  join('reader', one, SHARED);
  await runtime.advance(1);
  const caller = new AbortController();
  join('writer', two, { signal: caller.signal });
  await runtime.advance(50);
  join('late', three, SHARED);
  await runtime.advance(50);
  expect(got).toEqual(['reader']);
  caller.abort(new Error('no longer wanted'));
  await runtime.advance(50);
  expect(got).toEqual(['reader', 'late']);
});

test('an exclusive waiter that can no longer be notified keeps readers out for its lease', async () => {
  const { one, two, three, join, got, runtime } = processes({ ...PATIENT, pollInterval: 100 });
  join('reader', one, SHARED);
  await runtime.advance(1);
  join('writer', two);
  await runtime.advance(50);
  for (const node of two.nodes) {
    node.unsubscribed();
    node.mode = 'hold';
  }
  expect(await three.redlock.tryAcquire('r', TTL, SHARED)).toBeNull();
  await runtime.advance(1500);
  expect(await three.redlock.tryAcquire('r', TTL, SHARED)).not.toBeNull();
  expect(got).toEqual(['reader']);
});
