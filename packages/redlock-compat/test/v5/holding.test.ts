import { describe, expect, test } from '@jest/globals';
import { rejectionOf, until } from 'test-kit';
import { ExecutionError, Lock } from '../../src/index.js';
import { Fleet } from '../support/fleet.js';
import { TTL, v5On } from '../support/redlocks.js';

describe('an extension', () => {
  test('is a new Lock with the value of the former, which expires', async () => {
    const fleet = new Fleet(3);
    const redlock = v5On(fleet);
    const former = await redlock.acquire(['r'], TTL);
    const lock = await former.extend(2 * TTL);
    expect(lock).not.toBe(former);
    expect(lock).toMatchObject({ resources: former.resources, value: former.value });
    expect(former.expiration).toBe(0);
    expect(lock.expiration).toBeGreaterThan(Date.now() + TTL);
    await Promise.all(lock.attempts);
    for (const probe of fleet.probes) expect(probe.pttl('r')).toBeGreaterThan(TTL);
  });

  test('to a shorter duration cuts nothing', async () => {
    const fleet = new Fleet(3);
    const redlock = v5On(fleet);
    const former = await redlock.acquire(['r'], 2 * TTL);
    const { expiration } = former;
    const lock = await former.extend(TTL);
    expect(Math.abs(lock.expiration - expiration)).toBeLessThanOrEqual(1);
    for (const probe of fleet.probes) expect(probe.pttl('r')).toBeGreaterThan(TTL);
  });
});

describe('a Lock that is rebuilt from its value', () => {
  test('extends and releases what another process holds, with the value kept', async () => {
    const fleet = new Fleet(3);
    const [one, other] = [v5On(fleet), v5On(fleet)];
    const { resources, value, expiration } = await one.acquire(['r', 's'], TTL);
    const rebuilt = new Lock(other, resources, value, [], expiration);
    const extended = await rebuilt.extend(2 * TTL);
    expect(extended.value).toBe(value);
    for (const key of ['r', 's']) expect(fleet.isHeld(key, value)).toBe(true);
    await extended.release();
    await until('they are gone', () => ['r', 's'].every((key) => fleet.isGone(key)));
  });

  test('does nothing to a lock of another value', async () => {
    const fleet = new Fleet(3);
    const redlock = v5On(fleet, { retryCount: 0 });
    const { value, expiration } = await redlock.acquire(['r'], TTL);
    const foreign = new Lock(redlock, ['r'], 'another', [], expiration);
    expect(await rejectionOf(foreign.extend(TTL))).toBeInstanceOf(ExecutionError);
    expect(await rejectionOf(foreign.release())).toBeInstanceOf(ExecutionError);
    expect(fleet.isHeld('r', value)).toBe(true);
  });
});

describe('an extension that fails', () => {
  test('because others have the lock is not tried again', async () => {
    const fleet = new Fleet(3);
    const redlock = v5On(fleet);
    const lock = await redlock.acquire(['r'], TTL);
    for (const probe of fleet.probes) probe.set('r', 'other');
    expect(await rejectionOf(lock.extend(TTL))).toMatchObject({
      name: 'ExecutionError',
      attempts: { length: 1 },
    });
    expect(await rejectionOf(lock.release())).toBeInstanceOf(ExecutionError);
    expect(fleet.isHeld('r', 'other')).toBe(true);
  });

  test('because nodes are away is tried again until they are back', async () => {
    const fleet = new Fleet(3);
    const redlock = v5On(fleet, { retryCount: -1, retryDelay: 20 });
    const lock = await redlock.acquire(['r'], TTL);
    await Promise.all(lock.attempts);
    for (const { proxy } of fleet.nodes) proxy.refuse();
    let errors = 0;
    redlock.on('error', () => errors++);
    const extending = lock.extend(2 * TTL);
    await until('the second attempt has begun to fail', () => errors > 3);
    for (const { proxy } of fleet.nodes) proxy.heal();
    expect((await extending).attempts.length).toBeGreaterThan(1);
  });

  test('leaves the lock as it was', async () => {
    const fleet = new Fleet(3);
    const redlock = v5On(fleet);
    const lock = await redlock.acquire(['r'], TTL);
    await Promise.all(lock.attempts);
    const { expiration } = lock;
    for (const { proxy } of fleet.nodes) proxy.refuse();
    const error = await rejectionOf(redlock.extend(lock, TTL, { retryCount: 0 }));
    expect(error).toBeInstanceOf(ExecutionError);
    expect(lock.expiration).toBe(expiration);
  });
});

describe('a release', () => {
  test('of a lock that has expired resolves with its attempts', async () => {
    const fleet = new Fleet(3);
    const redlock = v5On(fleet);
    const lock = await redlock.acquire(['r'], 300);
    await until('the nodes have let it go', () => fleet.isGone('r'));
    expect(await rejectionOf(lock.extend(TTL))).toMatchObject({
      message: 'Cannot extend an already-expired lock.',
      attempts: [],
    });
    for (const _ of ['once', 'and again']) {
      expect(await lock.release()).toMatchObject({ attempts: { length: 1 } });
    }
  });

  test('is tried again, and confirmed by nodes that answer one after another', async () => {
    const fleet = new Fleet(3);
    const redlock = v5On(fleet, { retryCount: -1, retryDelay: 50 });
    const lock = await redlock.acquire(['r'], TTL);
    await Promise.all(lock.attempts);
    for (const index of [1, 2]) fleet.node(index).proxy.refuse();
    let errors = 0;
    redlock.on('error', () => errors++);
    const releasing = lock.release();
    await until('the second attempt has begun to fail', () => errors > 2);
    fleet.node(1).proxy.heal();
    const { attempts } = await releasing;
    expect(attempts.length).toBeGreaterThan(1);
    expect(fleet.values('r')).toEqual([null, null, lock.value]);
  });
});
