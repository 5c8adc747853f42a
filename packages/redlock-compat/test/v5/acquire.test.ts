import { describe, expect, test } from '@jest/globals';
import { Deployment, majors, rejectionOf, repeatedAfterStall, until } from 'test-kit';
import Redlock, { ExecutionError, Lock, ResourceLockedError } from '../../src/index.js';
import { openClients, openV5, TTL } from '../support/redlocks.js';

describe.each(majors)('with ioredis $major, a lock', ({ major }) => {
  test('is the value of each of its keys on each node, until it is released', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await openV5(deployment, {}, major);
    const lock = await redlock.acquire(['a', 'b'], TTL);
    expect(lock).toBeInstanceOf(Lock);
    expect(lock).toMatchObject({ redlock, resources: ['a', 'b'], value: expect.any(String) });
    await Promise.all(lock.attempts);
    for (const key of ['a', 'b']) expect(await deployment.isHeld(key, lock.value)).toBe(true);
    await lock.release();
    expect(lock.expiration).toBe(0);
    for (const key of ['a', 'b']) {
      await until('it is gone', () => deployment.isGone(key));
    }
  });

  test('expires with its duration, less the drift, from before the nodes were asked', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await openV5(deployment, { driftFactor: 0.1 }, major);
    const before = Date.now();
    const { expiration } = await redlock.acquire(['a'], TTL);
    expect(expiration).toBeGreaterThanOrEqual(before - 1 + 0.9 * TTL - 2);
    expect(expiration).toBeLessThanOrEqual(Date.now() + 0.9 * TTL - 2);
  });
});

describe('statistics', () => {
  test('name the client of each vote, and the reason of each vote against', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await openV5(deployment, { retryDelay: 5, retryJitter: 0 });
    const [a, b, c] = [...redlock.clients];
    await deployment.node(0).probe.set('r', 'other');
    await deployment.node(1).probe.set('r', 'other');
    const error = await rejectionOf(redlock.acquire(['r'], TTL, { retryCount: 2 }));
    if (!(error instanceof ExecutionError)) throw error;
    expect(error.attempts).toHaveLength(3);
    const [first] = await Promise.all(error.attempts);
    expect(first).toMatchObject({ membershipSize: 3, quorumSize: 2 });
    expect([...(first?.votesFor ?? [])]).toEqual([c]);
    expect([...(first?.votesAgainst.keys() ?? [])]).toEqual([a, b]);
    for (const reason of first?.votesAgainst.values() ?? []) {
      expect(reason).toBeInstanceOf(ResourceLockedError);
    }
  });

  test('wait for a node that is silent, which the lock itself does not', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await openV5(deployment);
    const [, , c] = [...redlock.clients];
    deployment.node(2).proxy.blackHole();
    const { attempts } = await redlock.acquire(['r'], TTL);
    const [stats] = await Promise.all(attempts);
    expect(stats?.votesFor.size).toBe(2);
    expect(c && stats?.votesAgainst.get(c)).toMatchObject({ code: 'TIMEOUT' });
  });
});

describe('retries', () => {
  test.each([
    { retryCount: 0, attempts: 1 },
    { retryCount: 3, attempts: 4 },
  ])('after $retryCount of them it gives up', async ({ retryCount, attempts }) => {
    await using deployment = await Deployment.start(1);
    const redlock = await openV5(deployment, { retryDelay: 1, retryJitter: 0 });
    await deployment.node(0).probe.set('r', 'other');
    const error = await rejectionOf(redlock.acquire(['r'], TTL, { retryCount }));
    expect(error).toMatchObject({ attempts: { length: attempts } });
  });

  test('without an end it gets the lock when the holder has released it', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await openV5(deployment, { retryDelay: 5, retryJitter: 5 });
    const held = await redlock.acquire(['r'], TTL);
    let denials = 0;
    redlock.on('error', () => denials++);
    const waiting = redlock.acquire(['r'], TTL, { retryCount: -1 });
    await until('it has been denied often', () => denials > 60);
    await held.release();
    expect((await waiting).attempts.length).toBeGreaterThan(11);
  });

  test('end with quit', async () => {
    await using deployment = await Deployment.start(1);
    const redlock = await openV5(deployment, { retryDelay: 5, retryCount: -1 });
    await deployment.node(0).probe.set('r', 'other');
    const denied = new Promise((resolve) => redlock.once('error', resolve));
    const waiting = rejectionOf(redlock.acquire(['r'], TTL));
    await denied;
    await redlock.quit();
    expect(await waiting).toBeInstanceOf(ExecutionError);
  });
});

describe('what hangs or is wrong in redlock 5 ends or is right:', () => {
  test('an even number of nodes that disagree', async () => {
    await using deployment = await Deployment.start(2);
    const redlock = await openV5(deployment, { retryDelay: 1 });
    await deployment.node(0).probe.set('r', 'other');
    const error = await rejectionOf(redlock.acquire(['r'], TTL, { retryCount: 1 }));
    expect(error).toMatchObject({ attempts: { length: 2 } });
    expect(await deployment.values('r')).toEqual(['other', null]);
    await deployment.node(0).probe.del('r');
    await redlock.acquire(['r'], TTL);
  });

  test('a majority that is silent', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await openV5(deployment, { retryCount: 1, retryDelay: 1 });
    for (const index of [0, 1]) deployment.node(index).proxy.blackHole();
    expect(await rejectionOf(redlock.acquire(['r'], TTL))).toBeInstanceOf(ExecutionError);
  });

  test(
    'a grant that comes when its duration is over',
    repeatedAfterStall(async () => {
      await using deployment = await Deployment.start(1);
      const redlock = await openV5(deployment, { retryCount: 0 });
      await (await redlock.acquire(['warm'], TTL)).release();
      deployment.node(0).proxy.delay(60);
      expect(await rejectionOf(redlock.acquire(['r'], 100))).toBeInstanceOf(ExecutionError);
    }),
  );

  test('an empty list of resources', async () => {
    await using deployment = await Deployment.start(1);
    const redlock = await openV5(deployment);
    expect(await rejectionOf(redlock.acquire([], TTL))).toBeInstanceOf(RangeError);
  });

  test('quitting clients whose servers are away or silent', async () => {
    await using deployment = await Deployment.start(2);
    const redlock = await openV5(deployment);
    const [away, silent] = [...redlock.clients];
    deployment.node(0).proxy.refuse();
    deployment.node(1).proxy.blackHole();
    await until('the client knows', () => away?.status !== 'ready');
    await redlock.quit();
    await until('it has ended', () => silent?.status === 'end');
  });
});

test('a listener that throws disturbs nothing', async () => {
  await using deployment = await Deployment.start(3);
  const redlock = await openV5(deployment, { retryCount: 0 });
  redlock.on('error', () => {
    throw new Error('of a listener');
  });
  await deployment.node(0).probe.set('r', 'other');
  await deployment.node(1).probe.set('r', 'other');
  expect(await rejectionOf(redlock.acquire(['r'], TTL))).toBeInstanceOf(ExecutionError);
});

test('what cannot be used here is refused, and says why', async () => {
  await using deployment = await Deployment.start(1);
  const clients = await openClients(deployment);
  const scripts = { acquireScript: 'return 1' } as unknown as undefined;
  expect(() => new Redlock(clients, {}, scripts)).toThrow(/Own scripts cannot be used/);
  const callbackClient = { internal_send_command() {} } as unknown as (typeof clients)[0];
  expect(() => new Redlock([callbackClient])).toThrow(/a callback client of redis 2 or 3/);
  const retryCount = '3' as unknown as number;
  expect(() => new Redlock(clients, { retryCount })).toThrow(/retryCount must be a number, not 3/);
  expect(() => new Redlock([])).toThrow(/at least one redis client/);
});
