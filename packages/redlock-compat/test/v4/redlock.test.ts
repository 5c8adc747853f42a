/* oxlint-disable import/no-named-as-default-member -- the named exports are types */
import { createRequire } from 'node:module';
import { describe, expect, test } from '@jest/globals';
import { rejectionOf, until } from 'test-kit';
import Redlock from '../../src/v4.js';
import { Fleet } from '../support/fleet.js';
import { TTL, v4On } from '../support/redlocks.js';

const bluebird = createRequire(import.meta.url)('bluebird') as {
  new (): unknown;
  using: <R>(disposer: object, routine: () => R) => Promise<R>;
};
const { using } = bluebird;

/** The arguments with which a callback is called. */
function called(act: (callback: (...args: unknown[]) => void) => unknown): Promise<unknown[]> {
  return new Promise((resolve) => {
    act((...args) => resolve(args));
  });
}

describe('taking a lock', () => {
  test.each(['lock', 'acquire'] as const)('%s takes a resource, or several', async (name) => {
    const fleet = new Fleet(3);
    const redlock = v4On(fleet);
    const one = await redlock[name]('r', TTL);
    expect(one).toMatchObject({ resource: ['r'], attempts: 1, attemptsRemaining: 9 });
    await until('it is on all nodes', () => fleet.isHeld('r', one.value));
    const several = await redlock[name](['s', 't'], TTL);
    expect(several.resource).toEqual(['s', 't']);
    await one.unlock();
    await redlock.release(several);
    for (const key of ['r', 's', 't']) await until('it is gone', () => fleet.isGone(key));
  });
});

describe('retries', () => {
  test.each(['lockWithOptions', 'acquireWithOptions'] as const)(
    '%s counts those of the call, 0 too',
    async (name) => {
      const fleet = new Fleet(1);
      const redlock = v4On(fleet, { retryDelay: 1, retryJitter: 0 });
      fleet.node(0).probe.set('r', 'other');
      for (const retryCount of [0, 2]) {
        expect(await rejectionOf(redlock[name]('r', TTL, { retryCount }))).toMatchObject({
          name: 'LockError',
          message: `Exceeded ${retryCount} attempts to lock the resource "r".`,
          attempts: retryCount + 1,
        });
      }
    },
  );
});

describe('a lock', () => {
  test('is extended in place', async () => {
    const fleet = new Fleet(3);
    const redlock = v4On(fleet);
    const lock = await redlock.lock('r', TTL);
    expect(await lock.extend(2 * TTL)).toBe(lock);
    expect(lock.expiration).toBeGreaterThan(Date.now() + TTL);
    expect(fleet.node(0).probe.pttl('r')).toBeGreaterThan(TTL);
  });

  test('that is rebuilt from its value is extended and released with the value kept', async () => {
    const fleet = new Fleet(3);
    const [one, other] = [v4On(fleet), v4On(fleet)];
    const { resource, value, expiration } = await one.lock('r', TTL);
    const rebuilt = new Redlock.Lock(other, resource, value, expiration);
    await rebuilt.extend(2 * TTL);
    expect(fleet.isHeld('r', value)).toBe(true);
    await rebuilt.unlock();
    await until('it is gone', () => fleet.isGone('r'));
  });

  test('that has expired is an error to unlock and to extend', async () => {
    const fleet = new Fleet(3);
    const redlock = v4On(fleet);
    const lock = await redlock.lock('r', 300);
    await until('the nodes have let it go', () => fleet.isGone('r'));
    expect(await rejectionOf(lock.extend(TTL))).toMatchObject({
      message: 'Cannot extend lock on resource "r" because the lock has already expired.',
      attempts: 0,
    });
    expect(await rejectionOf(lock.unlock())).toBeInstanceOf(Redlock.LockError);
    expect(lock.expiration).toBe(0);
  });

  test('that was unlocked is an error to unlock again', async () => {
    const fleet = new Fleet(3);
    const lock = await v4On(fleet).lock('r', TTL);
    await lock.unlock();
    expect(await rejectionOf(lock.unlock())).toBeInstanceOf(Redlock.LockError);
    expect(await called((callback) => lock.unlock(callback))).toEqual([
      expect.any(Redlock.LockError),
    ]);
  });

  test('whose resource is changed stands for the lock on that resource', async () => {
    const fleet = new Fleet(3);
    const lock = await v4On(fleet, { retryCount: 0 }).lock('r', TTL);
    const changed: { resource: string | string[] } = lock;
    changed.resource = 'other';
    expect(await rejectionOf(lock.unlock())).toBeInstanceOf(Redlock.LockError);
    expect(fleet.isHeld('r', lock.value)).toBe(true);
    changed.resource = 'r';
    await lock.unlock();
    await until('it is gone', () => fleet.isGone('r'));
  });

  test('and all that a Redlock promises comes as promises of bluebird, with done', async () => {
    const redlock = v4On(new Fleet(1));
    await new Promise<void>((resolve, reject) => {
      redlock.lock('r', TTL).done((lock) => lock.unlock().done(resolve, reject), reject);
    });
    expect(redlock.lock('r', TTL)).toBeInstanceOf(bluebird);
  });

  test('that others have taken is not released, nor what is left of it after a failed extension', async () => {
    const fleet = new Fleet(3);
    const redlock = v4On(fleet, { retryCount: 0 });
    const lock = await redlock.lock('r', TTL);
    for (const probe of fleet.probes) probe.set('r', 'other');
    expect(await rejectionOf(lock.unlock())).toMatchObject({
      name: 'LockError',
      message: 'Unable to fully release the lock on resource "r".',
    });
    expect(fleet.isHeld('r', 'other')).toBe(true);
  });
});

describe('callbacks', () => {
  test('get null and the result, or the error alone', async () => {
    const fleet = new Fleet(1);
    const redlock = v4On(fleet, { retryCount: 0 });
    const [none, held] = await called((callback) => redlock.lock('r', TTL, callback));
    expect(none).toBeNull();
    const lock = held as InstanceType<typeof Redlock.Lock>;
    expect(lock).toBeInstanceOf(Redlock.Lock);
    const failed = await called((callback) => redlock.lock('r', TTL, callback));
    expect(failed).toEqual([expect.any(Redlock.LockError)]);
    expect(await called((callback) => lock.extend(TTL, callback))).toEqual([null, lock]);
    expect(await called((callback) => lock.unlock(callback))).toEqual([null]);
    expect(await called((callback) => redlock.quit(callback))).toEqual([null, ['OK']]);
  });
});

describe('disposers', () => {
  test('release when the routine is over, and tell why that failed', async () => {
    const fleet = new Fleet(3);
    const redlock = v4On(fleet);
    await using(redlock.disposer('r', TTL), async () => {
      expect(fleet.isGone('r')).toBe(false);
    });
    await until('it is gone', () => fleet.isGone('r'));
    const told: unknown[] = [];
    await using(
      redlock.disposer('r', TTL, (error) => told.push(error)),
      async () => {
        for (const probe of fleet.probes) probe.set('r', 'other');
      },
    );
    expect(told).toEqual([expect.any(Redlock.LockError)]);
  });
});

describe('clientError', () => {
  test('tells of nodes that fail, and not of those that deny', async () => {
    const fleet = new Fleet(3);
    const redlock = v4On(fleet, { retryCount: 0 });
    const told: unknown[] = [];
    redlock.on('clientError', (error) => told.push(error));
    fleet.node(0).probe.set('r', 'other');
    fleet.node(1).probe.set('r', 'other');
    await rejectionOf(redlock.lock('r', TTL));
    expect(told).toEqual([]);
    fleet.node(2).proxy.refuse();
    await redlock.lock('s', TTL);
    await until('it is told', () => told.length > 0);
    expect(told[0]).toMatchObject({ code: expect.any(String), node: 'fleet:3' });
  });
});

test('clientError: once for each attempt and server that has a key of another type', async () => {
  const fleet = new Fleet(3);
  const redlock = v4On(fleet, { retryCount: 2, retryDelay: 1, retryJitter: 0 });
  const errors: (Error & { readonly node: string })[] = [];
  redlock.on('clientError', (error) => errors.push(error));
  for (const probe of fleet.probes) probe.zadd('r', 'member');
  // The other two decide; its errors still come before the failure.
  fleet.node(2).proxy.delay(20);
  expect(await rejectionOf(redlock.lock('r', TTL))).toMatchObject({ attempts: 3 });
  const once = ['fleet:1', 'fleet:2', 'fleet:3'];
  const nodes = errors.map(({ node }) => node);
  expect(nodes.toSorted()).toEqual([...once, ...once, ...once].toSorted());
  expect(new Set(errors.map(({ message }) => message))).toEqual(
    new Set(['WRONGTYPE Operation against a key holding the wrong kind of value']),
  );
});

test('what cannot be used here is refused, and says why', async () => {
  const fleet = new Fleet(1);
  const clients = fleet.clients();
  const options = { retryCount: 1, lockScript: () => 'return 1' };
  expect(() => new Redlock(clients, options)).toThrow(/lockScript cannot be used here/);
  expect(() => new Redlock([])).toThrow(/at least one redis server/);
});
