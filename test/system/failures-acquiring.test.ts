import { expect, test } from '@jest/globals';
import { QuorumError, ResourceLockedError } from 'redlock-core';
import { Deployment, pace, rejectionOf, until } from 'test-kit';
import { timed } from './support/timed.js';

const TTL = 60_000;

test.each([2, 4])(
  'failure 1: on %d nodes, attempts that meet a split vote are decided, and one of two contenders gets a free resource',
  async (count) => {
    await using deployment = await Deployment.start(count);
    const contenders = [await deployment.redlock(), await deployment.redlock()];
    for (const [index, probe] of deployment.probes.entries()) {
      await probe.set('split', index % 2 === 0 ? 'a' : 'b', 'PX', TTL);
    }
    const refused = contenders.map((one) => rejectionOf(one.acquire('split', TTL, { wait: 0 })));
    for (const error of await Promise.all(refused)) {
      expect(error).toBeInstanceOf(ResourceLockedError);
    }
    const locks = await Promise.all(contenders.map((one) => one.tryAcquire('free', TTL)));
    expect(locks.filter((lock) => lock !== null)).toHaveLength(1);
  },
);

test('failure 2: the time that an attempt took is deducted from the validity, and a lock that took longer than its ttl is not held', async () => {
  await using deployment = await Deployment.start(3);
  const redlock = await deployment.redlock();
  for (const { proxy } of deployment.nodes) proxy.delay(75);
  const start = performance.now();
  const lock = await redlock.acquire('slow', TTL);
  expect(performance.now() - start).toBeGreaterThan(140);
  expect(lock.remaining()).toBeLessThanOrEqual(TTL - 140 - (TTL * 0.01 + 2));
  expect(lock.remaining()).toBeGreaterThan(0);

  const error = await rejectionOf(redlock.acquire('slower', 100, { wait: 0 }));
  expect(error).toBeInstanceOf(QuorumError);
  expect(error).toMatchObject({ message: expect.stringContaining('too late') });
  await until('nothing is left', () => deployment.isGone('slower'));
});

test('failure 3: of three contenders that split the votes for a free key, one gets it', async () => {
  await using deployment = await Deployment.start(3);
  const contenders = await Promise.all(
    deployment.nodes.map(async (_, own) => {
      // Each reaches a different node first.
      const through = await Promise.all(
        deployment.nodes.map((_node, at) => deployment.proxyTo(at)),
      );
      const redlock = await deployment.redlock({ through });
      for (const [index, proxy] of through.entries()) if (index !== own) proxy.delay(30);
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

test('failure 6: one silent node out of three delays no call', async () => {
  await using deployment = await Deployment.start(3);
  const redlock = await deployment.redlock({ nodeTimeout: pace.prompt });
  deployment.node(1).proxy.blackHole();
  const duration = await timed(
    (async () => {
      for (let i = 0; i < 20; i++) {
        await using lock = await redlock.acquire('quick', TTL);
        await lock.extend();
      }
    })(),
  );
  // Waiting for the silent node in one of the sixty rounds would take longer.
  expect(duration).toBeLessThan(pace.prompt);
});

test('failure 11: listeners that throw or reject disturb nothing', async () => {
  await using deployment = await Deployment.start(3);
  const redlock = await deployment.redlock({ hastyAt: [0] });
  const names = ['acquired', 'extended', 'released', 'lost', 'contended', 'nodeFailed'] as const;
  const seen = new Set<string>();
  for (const name of names) {
    redlock.on(name, () => {
      throw new Error('a listener throws');
    });
    redlock.on(name, rejecting);
    redlock.on(name, () => void seen.add(name));
  }
  deployment.node(0).proxy.refuse();
  const lock = await redlock.acquire('busy', TTL);
  expect(await redlock.tryAcquire('busy', TTL)).toBeNull();
  await lock.extend();
  expect(await lock.release()).toBe(true);
  const lost = await redlock.acquire('busy', 300);
  await until('the lock is lost', () => lost.signal.aborted);
  await until('a node has failed', () => seen.has('nodeFailed'));
  expect([...seen].toSorted()).toEqual(names.toSorted());
});

test('failure 12: a resource named twice is one resource, and no resource is an error that sends nothing', async () => {
  await using deployment = await Deployment.start(3);
  const redlock = await deployment.redlock();
  const monitor = await deployment.monitor(0);
  expect(await rejectionOf(redlock.acquire([], TTL))).toBeInstanceOf(RangeError);
  await monitor.settle();
  expect(monitor.commands()).toEqual([]);

  const lock = await redlock.acquire(['a', 'b', 'a'], TTL);
  expect(lock.resources).toEqual(['a', 'b']);
  expect(await lock.release()).toBe(true);
  for (const key of ['a', 'b']) await until(`${key} is free`, () => deployment.isGone(key));
});

test('failure 15: clients on db 3 lock, extend and release in db 3', async () => {
  await using deployment = await Deployment.start(3);
  const redlock = await deployment.redlock({ client: { db: 3 } });
  const lock = await redlock.acquire('numbered', TTL);
  expect(await deployment.isGone('numbered')).toBe(true);
  for (const probe of deployment.probes) await probe.select(3);
  await until('all have it', () => deployment.isHeld('numbered', lock.token));
  await lock.extend();
  expect(await lock.release()).toBe(true);
  await until('it is released', () => deployment.isGone('numbered'));
});

test('failure 23: of ten contenders that each try once for a free resource at the same moment, one gets it', async () => {
  await using deployment = await Deployment.start(3);
  const proxies = await Promise.all(
    Array.from({ length: 10 }, () =>
      Promise.all(deployment.nodes.map((_, index) => deployment.proxyTo(index))),
    ),
  );
  const contenders = await Promise.all(proxies.map((through) => deployment.redlock({ through })));
  for (let round = 0; round < 8; round++) {
    // Each is first at some node, so the votes are split.
    for (const proxy of proxies.flat()) proxy.delay(Math.random() * 4);
    const tries = await Promise.all(contenders.map((one) => one.tryAcquire('nightly', TTL)));
    const [lock, ...others] = tries.filter((one) => one !== null);
    expect(others).toEqual([]);
    expect(lock).toBeDefined();
    expect(await lock?.release()).toBe(true);
    await until('it is free again', () => deployment.isGone('nightly'));
  }
});

function rejecting(): unknown {
  return Promise.reject(new Error('a listener rejects'));
}
