import { describe, expect, test } from '@jest/globals';
import { QuorumError, RedlockError, ResourceLockedError } from 'redlock-core';
import { Deployment, FaultProxy, majors, pace, rejectionOf, until } from 'test-kit';
import { readyRedlock } from './support/contender.js';
import { timed } from './support/timed.js';

const TTL = 60_000;

describe.each(majors)('with ioredis $major', ({ major }) => {
  test('failure 1: two nodes with different holders are an answer, not an endless wait', async () => {
    await using deployment = await Deployment.start(2);
    const redlock = await readyRedlock(deployment, major);
    await deployment.node(0).probe.set('even', 'a', 'PX', TTL);
    await deployment.node(1).probe.set('even', 'b', 'PX', TTL);
    const error = await rejectionOf(redlock.acquire('even', TTL, { wait: 0 }));
    expect(error).toBeInstanceOf(ResourceLockedError);
    expect(await redlock.tryAcquire('even', TTL)).toBeNull();
  });

  test.each([2, 4])(
    'failure 1: on %d nodes one of two contenders gets a free resource, and the other an answer',
    async (count) => {
      await using deployment = await Deployment.start(count);
      const contenders = [
        await readyRedlock(deployment, major),
        await readyRedlock(deployment, major),
      ];
      const locks = await Promise.all(contenders.map((one) => one.tryAcquire('even', TTL)));
      expect(locks.filter((lock) => lock !== null)).toHaveLength(1);
    },
  );

  test('failure 2: a lock that took longer than its ttl is not held, and leaves nothing', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await readyRedlock(deployment, major);
    for (const { proxy } of deployment.nodes) proxy.delay(75);
    const error = await rejectionOf(redlock.acquire('slow', 100, { wait: 0 }));
    expect(error).toBeInstanceOf(QuorumError);
    expect(error).toMatchObject({ message: expect.stringContaining('too late') });
    await until('nothing is left', () => deployment.isGone('slow'));
  });

  test('failure 2: the time it took to acquire is taken off the validity', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await readyRedlock(deployment, major);
    for (const { proxy } of deployment.nodes) proxy.delay(100);
    const start = performance.now();
    const lock = await redlock.acquire('slow', TTL);
    const elapsed = performance.now() - start;
    expect(elapsed).toBeGreaterThan(190);
    expect(lock.remaining()).toBeLessThanOrEqual(TTL - 190 - (TTL * 0.01 + 2));
    expect(lock.remaining()).toBeGreaterThan(0);
  });

  test('failure 3: of three contenders that share out the votes of a free key, one gets it', async () => {
    await using deployment = await Deployment.start(3);
    const contenders = await Promise.all(
      deployment.nodes.map(async (_, own) => {
        // Each reaches a node of its own first.
        const proxies = await Promise.all(
          deployment.nodes.map(({ server }) => FaultProxy.start(server)),
        );
        for (const proxy of proxies) deployment.defer(() => proxy.close());
        const redlock = await readyRedlock(deployment, major, { through: proxies });
        for (const [index, proxy] of proxies.entries()) if (index !== own) proxy.delay(30);
        return redlock;
      }),
    );
    let splits = 0;
    for (const redlock of contenders) redlock.on('contended', () => splits++);
    const locks = await Promise.all(contenders.map((redlock) => redlock.tryAcquire('free', TTL)));
    expect(splits).toBeGreaterThan(0);
    const [lock, ...others] = locks.filter((one) => one !== null);
    expect(others).toEqual([]);
    expect(lock).toBeDefined();
    await until('only the winner has grants', async () => {
      const values = await deployment.values('free');
      return values.every((value) => value === null || value === lock?.token);
    });
  });

  test('failure 6: one silent node out of three delays nobody', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await readyRedlock(deployment, major, { nodeTimeout: pace.prompt });
    deployment.node(1).proxy.blackHole();
    const duration = await timed(
      (async () => {
        for (let i = 0; i < 20; i++) {
          await using lock = await redlock.acquire('quick', TTL);
          await lock.extend();
        }
      })(),
    );
    // Sixty rounds: waiting for the silent node in only one of them would take longer.
    expect(duration).toBeLessThan(pace.prompt);
  });

  test('failure 11: listeners that throw or reject disturb nothing', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await readyRedlock(deployment, major, { hastyAt: [0] });
    const names = ['acquired', 'extended', 'released', 'lost', 'contended', 'nodeFailed'] as const;
    const seen = new Set<string>();
    for (const name of names) {
      redlock.on(name, broken).on(name, rejecting);
      redlock.on(name, () => void seen.add(name));
    }
    deployment.node(0).proxy.refuse();
    const lock = await redlock.acquire('busy', TTL);
    expect(await redlock.tryAcquire('busy', TTL)).toBeNull();
    await lock.extend();
    expect(await lock.release()).toBe(true);
    const lost = await redlock.acquire('busy', 200);
    await until('the lock is lost', () => lost.signal.aborted);
    await until('a node has failed', () => seen.has('nodeFailed'));
    expect([...seen].toSorted()).toEqual(names.toSorted());
  });

  test('failure 12: a resource named twice is one resource, and can be released', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await readyRedlock(deployment, major);
    const lock = await redlock.acquire(['a', 'b', 'a'], TTL);
    expect(lock.resources).toEqual(['a', 'b']);
    expect(await lock.release()).toBe(true);
    await until(
      'both are free',
      async () => (await deployment.isGone('a')) && deployment.isGone('b'),
    );
  });

  test('failure 12: no resource at all is an error, and nothing is sent', async () => {
    await using deployment = await Deployment.start(1);
    const redlock = await readyRedlock(deployment, major);
    const monitor = await deployment.monitor(0);
    expect(await rejectionOf(redlock.acquire([], TTL))).toBeInstanceOf(RangeError);
    await monitor.settle();
    expect(monitor.commands()).toEqual([]);
  });

  test('failure 15: clients on db 3 lock in db 3', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await readyRedlock(deployment, major, { client: { db: 3 } });
    const lock = await redlock.acquire('numbered', TTL);
    expect(await deployment.isGone('numbered')).toBe(true);
    for (const probe of deployment.probes) await probe.select(3);
    await until('all have it', async () => {
      return (await deployment.values('numbered')).every((value) => value === lock.token);
    });
    await lock.extend();
    expect(await lock.release()).toBe(true);
    await until('it is released', () => deployment.isGone('numbered'));
  });
});

test('errors of busy and of broken nodes are told apart', async () => {
  await using deployment = await Deployment.start(3);
  const redlock = await readyRedlock(deployment, 6);
  const hasty = await readyRedlock(deployment, 6, { nodeTimeout: pace.hasty });
  await redlock.acquire('busy', TTL);
  const busy = await rejectionOf(redlock.acquire('busy', TTL, { wait: 0 }));
  expect(ResourceLockedError.is(busy)).toBe(true);
  // Answered behind all that went before.
  await redlock.inspect('busy');
  for (const { proxy } of deployment.nodes.slice(1)) proxy.refuse();
  const failed = await rejectionOf(hasty.acquire('busy', TTL, { wait: 0 }));
  expect(QuorumError.is(failed)).toBe(true);
  expect(RedlockError.is(failed)).toBe(true);
});

function broken(): never {
  throw new Error('a listener is broken');
}

function rejecting(): unknown {
  return Promise.reject(new Error('a listener rejects'));
}
