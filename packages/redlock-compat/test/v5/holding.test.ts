import { describe, expect, test } from '@jest/globals';
import { Deployment, majors, rejectionOf, until } from 'test-kit';
import { ExecutionError, Lock } from '../../src/index.js';
import { openV5, TTL } from '../support/redlocks.js';

describe.each(majors)('with ioredis $major, an extension', ({ major }) => {
  test('is a new Lock with the value of the former, which expires', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await openV5(deployment, {}, major);
    const former = await redlock.acquire(['r'], TTL);
    const lock = await former.extend(2 * TTL);
    expect(lock).not.toBe(former);
    expect(lock).toMatchObject({ resources: former.resources, value: former.value });
    expect(former.expiration).toBe(0);
    expect(lock.expiration).toBeGreaterThan(Date.now() + TTL);
    await Promise.all(lock.attempts);
    for (const probe of deployment.probes) expect(await probe.pttl('r')).toBeGreaterThan(TTL);
  });

  test('to a shorter duration cuts nothing', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await openV5(deployment, {}, major);
    const former = await redlock.acquire(['r'], 2 * TTL);
    const { expiration } = former;
    const lock = await former.extend(TTL);
    expect(Math.abs(lock.expiration - expiration)).toBeLessThanOrEqual(1);
    for (const probe of deployment.probes) expect(await probe.pttl('r')).toBeGreaterThan(TTL);
  });
});

describe('a Lock that is rebuilt from its value', () => {
  test('extends and releases what another process holds, with the value kept', async () => {
    await using deployment = await Deployment.start(3);
    const [one, other] = [await openV5(deployment), await openV5(deployment)];
    const { resources, value, expiration } = await one.acquire(['r', 's'], TTL);
    const rebuilt = new Lock(other, resources, value, [], expiration);
    const extended = await rebuilt.extend(2 * TTL);
    expect(extended.value).toBe(value);
    for (const key of ['r', 's']) expect(await deployment.isHeld(key, value)).toBe(true);
    await extended.release();
    await until('they are gone', async () =>
      (await Promise.all(['r', 's'].map((key) => deployment.isGone(key)))).every(Boolean),
    );
  });

  test('does nothing to a lock of another value', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await openV5(deployment, { retryCount: 0 });
    const { value, expiration } = await redlock.acquire(['r'], TTL);
    const foreign = new Lock(redlock, ['r'], 'another', [], expiration);
    expect(await rejectionOf(foreign.extend(TTL))).toBeInstanceOf(ExecutionError);
    expect(await rejectionOf(foreign.release())).toBeInstanceOf(ExecutionError);
    expect(await deployment.isHeld('r', value)).toBe(true);
  });
});

describe('an extension that fails', () => {
  test('because others have the lock is not tried again', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await openV5(deployment);
    const lock = await redlock.acquire(['r'], TTL);
    for (const probe of deployment.probes) await probe.set('r', 'other');
    expect(await rejectionOf(lock.extend(TTL))).toMatchObject({
      name: 'ExecutionError',
      attempts: { length: 1 },
    });
    expect(await rejectionOf(lock.release())).toBeInstanceOf(ExecutionError);
    expect(await deployment.isHeld('r', 'other')).toBe(true);
  });

  test('because nodes are away is tried again until they are back', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await openV5(deployment, { retryCount: -1, retryDelay: 20 });
    const lock = await redlock.acquire(['r'], TTL);
    await Promise.all(lock.attempts);
    for (const { proxy } of deployment.nodes) proxy.refuse();
    const failed = new Promise((resolve) => redlock.once('error', resolve));
    const extending = lock.extend(2 * TTL);
    await failed;
    for (const { proxy } of deployment.nodes) await proxy.heal();
    expect((await extending).attempts.length).toBeGreaterThan(1);
  });

  test('leaves the lock as it was', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await openV5(deployment);
    const lock = await redlock.acquire(['r'], TTL);
    await Promise.all(lock.attempts);
    const { expiration } = lock;
    for (const { proxy } of deployment.nodes) proxy.refuse();
    const error = await rejectionOf(redlock.extend(lock, TTL, { retryCount: 0 }));
    expect(error).toBeInstanceOf(ExecutionError);
    expect(lock.expiration).toBe(expiration);
  });
});

describe('a release', () => {
  test('of a lock that has expired resolves with its attempts', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await openV5(deployment);
    const lock = await redlock.acquire(['r'], 1000);
    await until('the nodes have let it go', () => deployment.isGone('r'));
    expect(await rejectionOf(lock.extend(TTL))).toMatchObject({
      message: 'Cannot extend an already-expired lock.',
      attempts: [],
    });
    for (const _ of ['once', 'and again']) {
      expect(await lock.release()).toMatchObject({ attempts: { length: 1 } });
    }
  });

  test('is tried again, and confirmed by nodes that answer one after another', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await openV5(deployment, { retryCount: -1, retryDelay: 50 });
    const lock = await redlock.acquire(['r'], TTL);
    await Promise.all(lock.attempts);
    for (const index of [1, 2]) deployment.node(index).proxy.refuse();
    const failed = new Promise((resolve) => redlock.once('error', resolve));
    const releasing = lock.release();
    await failed;
    await deployment.node(1).proxy.heal();
    const { attempts } = await releasing;
    expect(attempts.length).toBeGreaterThan(1);
    expect(await deployment.values('r')).toEqual([null, null, lock.value]);
  });
});
