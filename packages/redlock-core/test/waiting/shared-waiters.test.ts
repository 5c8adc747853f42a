import { expect, test } from '@jest/globals';
import type { AcquireOptions } from 'redlock-core';
import { world } from '../support/world.js';

const TTL = 10_000;
const SHARED = { mode: 'shared' } as const;

/** Three processes, and what they have got from waiting so far. */
function processes(pollInterval = 50_000) {
  const { process, time, servers } = world();
  const [one, two, three] = [1, 2, 3].map(() => process({ pollInterval, wait: Infinity })) as [
    ReturnType<typeof process>,
    ReturnType<typeof process>,
    ReturnType<typeof process>,
  ];
  const got: string[] = [];
  const releases = new Map<string, () => Promise<boolean>>();
  const join = async (name: string, at: typeof one, own?: AcquireOptions): Promise<void> => {
    at.redlock.acquire('r', TTL, own).then(
      (lock) => {
        got.push(name);
        releases.set(name, () => lock.release());
      },
      () => {},
    );
    await time.advance(50);
  };
  const release = async (...names: readonly string[]): Promise<void> => {
    for (const name of names) await releases.get(name)?.();
    await time.advance(1);
  };
  return { time, servers, one, two, three, got, join, release };
}

test('readers get in together before a writer that came later, who is passed by none, also by tryAcquire', async () => {
  const { one, two, three, join, release, got } = processes();
  await join('holder', one);
  for (const name of ['a', 'b', 'c']) await join(name, two, SHARED);
  await join('d', three, SHARED);
  await join('writer', three);
  await release('holder');
  expect(got.toSorted()).toEqual(['a', 'b', 'c', 'd', 'holder']);
  await join('late', two, SHARED);
  expect(await one.redlock.tryAcquire('r', TTL, SHARED)).toBeNull();
  await release('a', 'b', 'c', 'd');
  expect(got.slice(5)).toEqual(['writer']);
  await release('writer');
  expect(got.slice(6)).toEqual(['late']);
});

test('a reader gets in when the writer before it gives up', async () => {
  const { one, two, three, join, got, time } = processes();
  await join('holder', one, SHARED);
  const caller = new AbortController();
  await join('writer', two, { signal: caller.signal });
  await join('reader here', two, SHARED);
  await join('reader elsewhere', three, SHARED);
  expect(got).toEqual(['holder']);
  caller.abort(new Error('no longer wanted'));
  await time.advance(50);
  expect(got.toSorted()).toEqual(['holder', 'reader elsewhere', 'reader here']);
});

test('a reader that is denied a free key, because a writer waits, notifies the writer', async () => {
  const { one, two, three, servers, join, got, time } = processes();
  await one.redlock.acquire('r', TTL);
  await join('writer', two);
  // Not every client of Redis calls the next.
  for (const server of servers) await server.delete('r');
  expect(await three.redlock.tryAcquire('r', TTL, SHARED)).toBeNull();
  await time.advance(50);
  expect(got).toEqual(['writer']);
});

test('a writer that hangs keeps readers out no longer than its queue lives', async () => {
  const { one, two, three, join, got, time } = processes(100);
  await one.redlock.acquire('r', 1000);
  await join('writer', two);
  // It still listens, and asks nothing more.
  for (const node of two.nodes) node.mode = 'hold';
  await join('reader', three, SHARED);
  await time.advance(20_000);
  expect(got).toEqual(['reader']);
});
