import { expect, test } from '@jest/globals';
import type { AcquireOptions } from 'redlock-core';
import { world } from '../support/world.js';

const TTL = 10_000;
const SHARED = { mode: 'shared' } as const;

/** Three processes, and what they have got from waiting so far. */
function processes() {
  const { process, time } = world();
  const [one, two, three] = [1, 2, 3].map(() =>
    process({ pollInterval: 50_000, wait: Infinity }),
  ) as [ReturnType<typeof process>, ReturnType<typeof process>, ReturnType<typeof process>];
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
  return { one, two, three, got, join, release };
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
