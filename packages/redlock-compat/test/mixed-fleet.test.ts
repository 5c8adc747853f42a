/* oxlint-disable import/no-named-as-default-member -- the named exports are types */
import { createRequire } from 'node:module';
import { describe, expect, test } from '@jest/globals';
import { Lock as TheirLock5 } from 'redlock-5';
import Redlock4 from 'redlock-4';
import { Deployment, rejectionOf, until } from 'test-kit';
import Redlock, { Lock } from '../src/index.js';
import RedlockV4 from '../src/v4.js';
import { openClients, openTheir4, openTheir5, openV4, openV5, TTL } from './support/redlocks.js';

/** A library of a fleet: how it takes a lock, at once or never, and how it ends it. */
interface Member {
  readonly take: () => Promise<{
    readonly value: string;
    readonly extend: () => PromiseLike<unknown>;
    readonly release: () => PromiseLike<unknown>;
  }>;
}

/** The mutex of redis-semaphore, which bench has installed for its comparison. */
interface Mutex {
  readonly identifier: string;
  acquire(): Promise<void>;
  release(): Promise<void>;
}

const bench = createRequire(new URL('../../../bench/package.json', import.meta.url));
const { RedlockMutex } = bench('redis-semaphore') as {
  RedlockMutex: new (clients: readonly unknown[], key: string, options: object) => Mutex;
};

const RETRY_NEVER = { retryCount: 0 };

const members: Readonly<Record<string, (deployment: Deployment) => Promise<Member>>> = {
  async 'redlock 5'(deployment) {
    const redlock = await openTheir5(deployment);
    return { take: async () => ended(await redlock.acquire(['r'], TTL, RETRY_NEVER)) };
  },
  async 'redlock-compat'(deployment) {
    const redlock = await openV5(deployment);
    return { take: async () => ended(await redlock.acquire(['r'], TTL, RETRY_NEVER)) };
  },
  async 'redlock 4'(deployment) {
    const redlock = await openTheir4(deployment);
    const once = { retryCount: 1 };
    return { take: async () => unlocked(await redlock.lockWithOptions('r', TTL, once)) };
  },
  async 'redlock-compat/v4'(deployment) {
    const redlock = await openV4(deployment);
    return { take: async () => unlocked(await redlock.lockWithOptions('r', TTL, RETRY_NEVER)) };
  },
};

function ended(lock: Lock | TheirLock5): Awaited<ReturnType<Member['take']>> {
  let held = lock;
  return {
    value: lock.value,
    extend: async () => (held = await held.extend(2 * TTL)),
    release: () => held.release(),
  };
}

function unlocked(lock: {
  value: string;
  extend(ttl: number): PromiseLike<unknown>;
  unlock(): PromiseLike<unknown>;
}): Awaited<ReturnType<Member['take']>> {
  const { value } = lock;
  return { value, extend: () => lock.extend(2 * TTL), release: () => lock.unlock() };
}

const names = Object.keys(members);
const pairs = names.flatMap((holder) =>
  names
    .filter((other) => other !== holder && (holder.includes('compat') || other.includes('compat')))
    .map((other) => ({ holder, other })),
);

test.each(pairs)('$holder and $other exclude each other', async ({ holder, other }) => {
  await using deployment = await Deployment.start(3);
  const [one, another] = await Promise.all([
    members[holder]?.(deployment),
    members[other]?.(deployment),
  ]);
  const held = await one?.take();
  if (!held || !another) throw new Error('each is a member');
  await until('it is on all nodes', () => deployment.isHeld('r', held.value));
  await rejectionOf(another.take());
  await held.extend();
  expect(await deployment.isHeld('r', held.value)).toBe(true);
  await rejectionOf(another.take());
  expect(await deployment.isHeld('r', held.value)).toBe(true);
  await held.release();
  await until('it is gone', () => deployment.isGone('r'));
  const next = await another.take();
  await until('it is on all nodes', () => deployment.isHeld('r', next.value));
  await rejectionOf(one?.take() ?? Promise.resolve());
  await next.release();
});

test('the mutex of redis-semaphore and redlock-compat exclude each other', async () => {
  await using deployment = await Deployment.start(3);
  const redlock = await openV5(deployment);
  const options = { lockTimeout: TTL, acquireAttemptsLimit: 1, refreshInterval: 0 };
  const mutex = new RedlockMutex(await openClients(deployment), 'r', options);
  const ours = (): Promise<Lock> => redlock.acquire(['mutex:r'], TTL, RETRY_NEVER);
  await mutex.acquire();
  await until('it is on all nodes', () => deployment.isHeld('mutex:r', mutex.identifier));
  expect(await rejectionOf(ours())).toMatchObject({ name: 'ExecutionError' });
  expect(await deployment.isHeld('mutex:r', mutex.identifier)).toBe(true);
  await mutex.release();
  const lock = await ours();
  await until('it is on all nodes', () => deployment.isHeld('mutex:r', lock.value));
  expect(await rejectionOf(mutex.acquire())).toHaveProperty('name');
  expect(await deployment.isHeld('mutex:r', lock.value)).toBe(true);
  await lock.release();
  await mutex.acquire();
  expect(await rejectionOf(ours())).toMatchObject({ name: 'ExecutionError' });
  await mutex.release();
});

describe('a lock is handed over by its value', () => {
  test('from redlock 5 to redlock-compat and back', async () => {
    await using deployment = await Deployment.start(3);
    const theirs = await openTheir5(deployment);
    const ours: Redlock = await openV5(deployment);
    const { value, expiration } = await theirs.acquire(['r'], TTL);
    const here = await new Lock(ours, ['r'], value, [], expiration).extend(2 * TTL);
    expect(await deployment.isHeld('r', value)).toBe(true);
    const back = new TheirLock5(theirs, ['r'], value, [], here.expiration);
    await back.extend(3 * TTL);
    await back.release();
    await until('it is gone', () => deployment.isGone('r'));
  });

  test('from redlock 4 to redlock-compat/v4 and back', async () => {
    await using deployment = await Deployment.start(3);
    const theirs = await openTheir4(deployment);
    const ours = await openV4(deployment);
    const { value, expiration } = await theirs.lock('r', TTL);
    const here = new RedlockV4.Lock(ours, 'r', value, expiration);
    await here.extend(2 * TTL);
    expect(await deployment.isHeld('r', value)).toBe(true);
    const back = new Redlock4.Lock(theirs, ['r'], value, here.expiration, 0, 0);
    await back.unlock();
    await until('it is gone', () => deployment.isGone('r'));
  });
});
