import { describe, expect, test } from '@jest/globals';
import { rejectionOf, repeatedAfterStall, until } from 'test-kit';
import Redlock, { ExecutionError, Lock, ResourceLockedError } from '../../src/index.js';
import { Fleet } from '../support/fleet.js';
import { TTL, v5On } from '../support/redlocks.js';

describe('a lock', () => {
  test('is the value of each of its keys on each node, until it is released', async () => {
    const fleet = new Fleet(3);
    const redlock = v5On(fleet);
    const lock = await redlock.acquire(['a', 'b'], TTL);
    expect(lock).toBeInstanceOf(Lock);
    expect(lock).toMatchObject({ redlock, resources: ['a', 'b'], value: expect.any(String) });
    await Promise.all(lock.attempts);
    for (const key of ['a', 'b']) expect(fleet.isHeld(key, lock.value)).toBe(true);
    await lock.release();
    expect(lock.expiration).toBe(0);
    for (const key of ['a', 'b']) {
      await until('it is gone', () => fleet.isGone(key));
    }
  });

  test('expires with its duration, less the drift, from before the nodes were asked', async () => {
    const fleet = new Fleet(3);
    const redlock = v5On(fleet, { driftFactor: 0.1 });
    const before = Date.now();
    const { expiration } = await redlock.acquire(['a'], TTL);
    expect(expiration).toBeGreaterThanOrEqual(before - 1 + 0.9 * TTL - 2);
    expect(expiration).toBeLessThanOrEqual(Date.now() + 0.9 * TTL - 2);
  });
});

describe('statistics', () => {
  test('name the client of each vote, and the reason of each vote against', async () => {
    const fleet = new Fleet(3);
    const redlock = v5On(fleet, { retryDelay: 5, retryJitter: 0 });
    const [a, b, c] = [...redlock.clients];
    fleet.node(0).probe.set('r', 'other');
    fleet.node(1).probe.set('r', 'other');
    const error = await rejectionOf(redlock.acquire(['r'], TTL, { retryCount: 2 }));
    if (!(error instanceof ExecutionError)) throw error;
    expect(error.attempts).toHaveLength(3);
    const [first] = await Promise.all(error.attempts);
    expect(first).toMatchObject({ membershipSize: 3, quorumSize: 2 });
    expect([...(first?.votesFor ?? [])]).toEqual([c]);
    expect([...(first?.votesAgainst.keys() ?? [])]).toEqual([a, b]);
    for (const reason of first?.votesAgainst.values() ?? []) {
      expect(reason).toBeInstanceOf(ResourceLockedError);
      expect(reason.message).toBe('The operation was applied to: 0 of the 1 requested resources.');
    }
  });

  test('wait for a node that is silent, which the lock itself does not', async () => {
    const fleet = new Fleet(3);
    const redlock = v5On(fleet);
    const [, , c] = [...redlock.clients];
    fleet.node(2).proxy.blackHole();
    const { attempts } = await redlock.acquire(['r'], TTL);
    const [stats] = await Promise.all(attempts);
    expect(stats?.votesFor.size).toBe(2);
    expect(c && stats?.votesAgainst.get(c)).toMatchObject({ code: 'TIMEOUT', node: 'fleet:3' });
  });

  test('of a client that has ended have the message of ioredis, and the reason as its cause', async () => {
    const fleet = new Fleet(3);
    const redlock = v5On(fleet);
    const [, , c] = [...redlock.clients];
    fleet.node(2).proxy.refuse();
    c?.disconnect();
    const { attempts } = await redlock.acquire(['r'], TTL);
    const [stats] = await Promise.all(attempts);
    expect(c && stats?.votesAgainst.get(c)).toMatchObject({
      message: 'Connection is closed.',
      code: 'ECONNREFUSED',
      cause: { message: expect.stringContaining('connect ECONNREFUSED') },
    });
  });
});

describe('retries', () => {
  test.each([
    { retryCount: 0, attempts: 1 },
    { retryCount: 3, attempts: 4 },
  ])('after $retryCount of them it gives up', async ({ retryCount, attempts }) => {
    const fleet = new Fleet(1);
    const redlock = v5On(fleet, { retryDelay: 1, retryJitter: 0 });
    fleet.node(0).probe.set('r', 'other');
    const error = await rejectionOf(redlock.acquire(['r'], TTL, { retryCount }));
    expect(error).toMatchObject({ attempts: { length: attempts } });
  });

  test('without an end it gets the lock when the holder has released it', async () => {
    const fleet = new Fleet(3);
    const redlock = v5On(fleet, { retryDelay: 5, retryJitter: 5 });
    const held = await redlock.acquire(['r'], TTL);
    let denials = 0;
    redlock.on('error', () => denials++);
    const waiting = redlock.acquire(['r'], TTL, { retryCount: -1 });
    await until('it has been denied often', () => denials > 60);
    await held.release();
    expect((await waiting).attempts.length).toBeGreaterThan(11);
  });

  test('end with quit', async () => {
    const fleet = new Fleet(1);
    const redlock = v5On(fleet, { retryDelay: 5, retryCount: -1 });
    fleet.node(0).probe.set('r', 'other');
    const denied = new Promise((resolve) => redlock.once('error', resolve));
    const waiting = rejectionOf(redlock.acquire(['r'], TTL));
    await denied;
    await redlock.quit();
    expect(await waiting).toBeInstanceOf(ExecutionError);
  });
});

describe('what hangs or is wrong in redlock 5 ends or is right:', () => {
  test('an even number of nodes that disagree', async () => {
    const fleet = new Fleet(2);
    const redlock = v5On(fleet, { retryDelay: 1 });
    const emitted: Error[] = [];
    redlock.on('error', (error: Error) => emitted.push(error));
    fleet.node(0).probe.set('r', 'other');
    const error = await rejectionOf(redlock.acquire(['r'], TTL, { retryCount: 1 }));
    expect(error).toMatchObject({ attempts: { length: 2 } });
    // One for each attempt, though votes that are split are taken again in it.
    expect(emitted).toHaveLength(2);
    expect(fleet.values('r')).toEqual(['other', null]);
    fleet.node(0).probe.del('r');
    await redlock.acquire(['r'], TTL);
  });

  test('a majority that is silent', async () => {
    const fleet = new Fleet(3);
    const redlock = v5On(fleet, { retryCount: 1, retryDelay: 1 });
    for (const index of [0, 1]) fleet.node(index).proxy.blackHole();
    expect(await rejectionOf(redlock.acquire(['r'], TTL))).toBeInstanceOf(ExecutionError);
  });

  test(
    'a grant that comes when its duration is over',
    repeatedAfterStall(async () => {
      const fleet = new Fleet(1);
      const redlock = v5On(fleet, { retryCount: 0 });
      await (await redlock.acquire(['warm'], TTL)).release();
      fleet.node(0).proxy.delay(60);
      expect(await rejectionOf(redlock.acquire(['r'], 100))).toBeInstanceOf(ExecutionError);
    }),
  );

  test('an empty list of resources', async () => {
    const fleet = new Fleet(1);
    const redlock = v5On(fleet);
    expect(await rejectionOf(redlock.acquire([], TTL))).toBeInstanceOf(RangeError);
  });

  test('quitting clients whose servers are away or silent', async () => {
    const fleet = new Fleet(2);
    const redlock = v5On(fleet);
    const [away, silent] = [...redlock.clients];
    fleet.node(0).proxy.refuse();
    fleet.node(1).proxy.blackHole();
    await until('the client knows', () => away?.status !== 'ready');
    await redlock.quit();
    await until('it has ended', () => silent?.status === 'end');
  });
});

test('a listener that throws disturbs nothing', async () => {
  const fleet = new Fleet(3);
  const redlock = v5On(fleet, { retryCount: 0 });
  redlock.on('error', () => {
    throw new Error('of a listener');
  });
  fleet.node(0).probe.set('r', 'other');
  fleet.node(1).probe.set('r', 'other');
  expect(await rejectionOf(redlock.acquire(['r'], TTL))).toBeInstanceOf(ExecutionError);
});

test('what cannot be used here is refused, and says why', async () => {
  const fleet = new Fleet(1);
  const clients = fleet.clients();
  const scripts = { acquireScript: 'return 1' } as unknown as undefined;
  expect(() => new Redlock(clients, {}, scripts)).toThrow(/Own scripts cannot be used/);
  const callbackClient = { internal_send_command() {} } as unknown as (typeof clients)[0];
  expect(() => new Redlock([callbackClient])).toThrow(/must be one of ioredis or iovalkey/);
  const retryCount = '3' as unknown as number;
  expect(() => new Redlock(clients, { retryCount })).toThrow(/retryCount must be a number, not 3/);
  expect(() => new Redlock([])).toThrow(/at least one redis client/);
});
