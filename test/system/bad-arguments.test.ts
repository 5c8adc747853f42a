import { describe, expect, test } from '@jest/globals';
import { Deployment, majors, rejectionOf } from 'test-kit';
import { readyRedlock } from './support/contender.js';

const TTL = 60_000;

describe.each(majors)('with ioredis $major', ({ major }) => {
  test('bad arguments reach no server', async () => {
    await using deployment = await Deployment.start(1);
    const redlock = await readyRedlock(deployment, major);
    const monitor = await deployment.monitor(0);
    const many = Array.from({ length: 1001 }, (_, index) => `r${index}`);
    const bad = [
      redlock.acquire('', TTL),
      redlock.acquire([], TTL),
      redlock.acquire(['good', ''], TTL),
      redlock.acquire(many, TTL),
      redlock.acquire('{r}:fencing', TTL),
      redlock.acquire('r', 0),
      redlock.acquire('r', -1),
      redlock.acquire('r', 1.5),
      redlock.acquire('r', 2),
      redlock.acquire('r', NaN),
      redlock.acquire('r', Infinity),
      redlock.acquire('r', '1000' as never),
      redlock.acquire(undefined as never, TTL),
      redlock.acquire([7] as never, TTL),
      redlock.acquire('r', TTL, { wait: -1 }),
      redlock.acquire('r', TTL, { retryDelay: Infinity }),
      redlock.acquire('r', TTL, { signal: {} as never }),
      redlock.tryAcquire('', TTL),
      redlock.using('r', TTL, undefined as never),
      redlock.inspect(''),
      redlock.inspect(7 as never),
    ];
    const errors = await Promise.all(bad.map((call) => rejectionOf(call)));
    for (const error of errors) {
      expect(error instanceof TypeError || error instanceof RangeError).toBe(true);
    }
    await monitor.settle();
    expect(monitor.commands()).toEqual([]);
    const lock = await redlock.acquire('r', TTL);
    expect(await rejectionOf(lock.extend(0))).toBeInstanceOf(RangeError);
    expect(await lock.release()).toBe(true);
  });
});
