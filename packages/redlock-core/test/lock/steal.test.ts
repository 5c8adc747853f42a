import { expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import type { AcquireOptions } from 'redlock-core';
import { settle } from '../support/settle.js';
import { TTL, world } from '../support/world.js';

const STEAL = { steal: true };

/** Two processes, the first of which holds `r`. */
async function twoProcesses(options: AcquireOptions = {}) {
  const all = world();
  const former = await all.redlock.acquire('r', TTL, options);
  await settle();
  return { ...all, former, thief: all.process() };
}

test('steal takes the lock from its holder, who is fenced off and finds NOT_HELD', async () => {
  const { former, thief, holders, everywhere } = await twoProcesses();
  const lock = await thief.redlock.acquire('r', TTL, STEAL);
  await settle();
  expect(await holders()).toEqual(everywhere(lock.token));
  expect(lock.fencingToken).toBeGreaterThan(former.fencingToken);
  expect(thief.names()).toEqual(['acquired']);
  expect(await rejectionOf(former.extend())).toMatchObject({ reason: 'NOT_HELD' });
  expect(await holders()).toEqual(everywhere(lock.token));
});

test('steal serves using and tryUsing', async () => {
  const { thief, former } = await twoProcesses();
  expect(await thief.redlock.using('r', TTL, STEAL, () => 'stolen')).toBe('stolen');
  expect(await thief.redlock.tryUsing('r', TTL, STEAL, () => 'free')).toMatchObject({
    acquired: true,
  });
  expect(await rejectionOf(former.extend())).toMatchObject({ reason: 'NOT_HELD' });
});

test('steal gives the lock back if it is canceled as soon as it has succeeded', async () => {
  const { former, thief, holders, everywhere } = await twoProcesses();
  const caller = new AbortController();
  const reason = new Error('changed my mind');
  thief.redlock.on('acquired', () => caller.abort(reason));
  const stealing = thief.redlock.acquire('r', TTL, { ...STEAL, signal: caller.signal });
  expect(await rejectionOf(stealing)).toBe(reason);
  await settle();
  expect(await holders()).toEqual(everywhere(former.token));
});

test('steal takes no value without expiry, and does not wait for it', async () => {
  const { redlock, servers, holders, everywhere, time } = world();
  for (const server of servers) server.persist('r', 'data');
  const start = time.now();
  const error = await rejectionOf(redlock.acquire('r', TTL, STEAL));
  expect(error).toMatchObject({ code: 'RESOURCE_LOCKED', resources: ['r'] });
  expect(await redlock.tryAcquire('r', TTL, STEAL)).toBeNull();
  expect(await holders()).toEqual(everywhere('data'));
  expect(time.now()).toBe(start);
});

test('steal takes no lock that is held in shared mode', async () => {
  const { thief, former } = await twoProcesses({ mode: 'shared' });
  expect(await thief.redlock.tryAcquire('r', TTL, STEAL)).toBeNull();
  await former.extend();
});

test('steal of several callers at the same time ends with one holder', async () => {
  const { process, time, holders } = await twoProcesses();
  const thieves = [1, 2, 3].map(() => process({ roundTrip: 2 }));
  const calls = thieves.map(({ redlock }) => redlock.tryAcquire('r', TTL, STEAL));
  await time.advance(500);
  const locks = await Promise.all(calls);
  await settle();
  const held = new Set(await holders());
  expect(held.size).toBe(1);
  expect(locks.map((lock) => lock?.token)).toContain([...held][0]);
});
