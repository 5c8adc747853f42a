import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { Deployment, pace, until } from 'test-kit';
import { exitCode, runChild } from './support/child.js';
import { readyRedlock } from './support/contender.js';
import { expectAfterKill } from './support/killed-holder.js';

const TTL = 60_000;

test.each([
  { deed: 'drop', what: 'a process that still holds a lock' },
  { deed: 'extend', what: 'a process that holds and extends many locks' },
  { deed: 'use', what: 'a process that has used a lock' },
  { deed: 'observe', what: 'a process that observes an election' },
  { deed: 'urls', what: 'a process whose Redlock was closed, clients made of URLs included,' },
])('failure 14: $what exits by itself when its clients are gone', async ({ deed }) => {
  await using deployment = await Deployment.start(3);
  const child = await runChild(deployment, deed);
  // Long before the ttl, whose timers must not keep it alive.
  expect(await exitCode(child)).toBe(0);
});

test('a process whose waiters were cancelled exits by itself when its clients are gone', async () => {
  await using deployment = await Deployment.start(3);
  for (const probe of deployment.probes) await probe.set('process', 'other', 'PX', TTL);
  const child = await runChild(deployment, 'cancel');
  expect(await exitCode(child)).toBe(0);
  await until('only what others hold is left', async () => {
    return (await deployment.values('process')).every((value) => value === 'other');
  });
});

test('subscriptions to a server that is away print nothing', async () => {
  await using deployment = await Deployment.start(1);
  await deployment.node(0).server.kill();
  const child = await runChild(deployment, 'listen');
  expect(await exitCode(child)).toBe(0);
});

test('a holder that is killed frees the lock within its ttl, and not before', async () => {
  await using deployment = await Deployment.start(3);
  const redlock = await readyRedlock(deployment, 6);
  const child = await runChild(deployment, 'hold');
  expect(await redlock.tryAcquire('process', TTL)).toBeNull();
  const longest = await Promise.all(deployment.probes.map((probe) => probe.pttl('process')));
  for (const pttl of longest) expect(pttl).toBeLessThanOrEqual(pace.ttl);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(await redlock.tryAcquire('process', TTL)).toBeNull();
  const start = performance.now();
  await using lock = await redlock.acquire('process', TTL, { retryDelay: 20 });
  expect(performance.now() - start).toBeLessThan(pace.prompt);
  expect(lock.remaining()).toBeGreaterThan(0);
});

test('a waiter has the lock of a holder that was killed soon after its ttl, without polling', async () => {
  await using deployment = await Deployment.start(3);
  const redlock = await readyRedlock(deployment, 6, { retryDelay: 10 * pace.limit });
  const child = await runChild(deployment, 'hold');
  const waiting = redlock.acquire('process', TTL);
  await new Promise((resolve) => redlock.on('contended', resolve));
  const lock = await expectAfterKill(deployment, { resource: 'process', holder: child, waiting });
  expect(await lock.release()).toBe(true);
});
