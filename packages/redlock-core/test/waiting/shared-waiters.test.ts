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
