import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type { Redis } from 'ioredis';
import { type Lock, Redlock } from 'redlock-core';
import { Deployment, pace, repeatedAfterStall, until } from 'test-kit';
import { ioredisNodeFromUrl } from 'redlock-ioredis-adapter';

const TTL = 60_000;

test('cost: 1,000 locks of one process are extended with less than one command for ten extensions, and none is lost', async () => {
  await using deployment = await Deployment.start(3);
  const redlock = await deployment.redlock();
  const names = Array.from({ length: 1000 }, (_, i) => `lock ${i}`);
  const lost: unknown[] = [];
  redlock.on('lost', ({ error }) => void lost.push(error));
  const locks: Lock[] = [];
  // Not all at the same moment.
  for (let first = 0; first < names.length; first += 100) {
    const some = names.slice(first, first + 100);
    const taken = some.map((name) => redlock.acquire(name, 2 * pace.ttl, { autoExtend: true }));
    locks.push(...(await Promise.all(taken)));
  }
  const extensions = new Map(locks.map((lock) => [lock, 0]));
  redlock.on('extended', ({ lock }) => {
    extensions.set(lock, (extensions.get(lock) ?? 0) + 1);
  });
  const before = await Promise.all(deployment.probes.map(commandsOf));
  const counts = (): number[] => [...extensions.values()];
  await until('each was extended', () => lost.length > 0 || Math.min(...counts()) >= 1);
  expect(lost).toEqual([]);
  const all = counts().reduce((sum, count) => sum + count);
  for (const [index, commands] of (
    await Promise.all(deployment.probes.map(commandsOf))
  ).entries()) {
    expect((commands - (before[index] ?? 0)) / all).toBeLessThan(0.1);
  }
  for (const probe of deployment.probes) {
    expect(await probe.mget(names)).toEqual(locks.map(({ token }) => token));
  }
  await Promise.all(locks.map((lock) => lock.release()));
  for (const probe of deployment.probes) {
    await until('nothing stays', async () => (await probe.exists(names)) === 0);
  }
});

test.each([{ autoExtend: false }, { autoExtend: true }])(
  'an event loop that was blocked past the validity finds its lock lost before any later timer (autoExtend: $autoExtend)',
  async ({ autoExtend }) => {
    await using deployment = await Deployment.start(3);
    const redlock = await deployment.redlock();
    const asked = await redlock.acquire('asked', 300, { autoExtend });
    const told = await redlock.acquire('told', 300, { autoExtend });
    const { signal } = told;
    block(400);
    expect(asked.remaining()).toBe(0);
    expect(asked.signal.aborted).toBe(true);
    await sleep(0);
    expect(signal.aborted).toBe(true);
    expect(signal.reason).toMatchObject({ reason: 'EXPIRED' });
    expect(told.remaining()).toBe(0);
  },
);

test.each([
  { moment: 'at once', settled: false },
  { moment: 'after another release has been confirmed', settled: true },
])(
  'close $moment completes releases that were begun, over nodes made of URLs',
  async ({ settled }) => {
    await using deployment = await Deployment.start(3);
    const nodes = deployment.urls.map((url) => ioredisNodeFromUrl(url));
    const redlock = new Redlock(nodes, { nodeTimeout: pace.patient });
    deployment.defer(() => redlock.close());
    const locks = await Promise.all(
      Array.from({ length: 50 }, (_, i) => redlock.acquire(`lock ${i}`, TTL, { autoExtend: true })),
    );
    const first = locks.slice(0, 10).map((lock) => lock.release());
    if (settled) await Promise.race(first);
    const releases = [...first, ...locks.slice(10).map((lock) => lock.release())];
    await redlock.close();
    for (const probe of deployment.probes) {
      expect((await probe.keys('*')).filter((key) => !key.endsWith(':fencing'))).toEqual([]);
    }
    expect(await Promise.all(releases)).toEqual(Array(50).fill(true));
  },
);

test(
  'the first tryAcquire of a process gets a lock of 1 s from nodes that are 30 ms away and not yet connected',
  repeatedAfterStall(async () => {
    await using deployment = await Deployment.start(3);
    for (const { proxy } of deployment.nodes) proxy.delay(15);
    const { redlock } = deployment.open({ nodeTimeout: undefined });
    expect(await redlock.tryAcquire('cold', 1000)).not.toBeNull();
  }),
);

/** Does what a long computation does. */
function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

/** How many commands of Redlocks a server has executed. */
async function commandsOf(probe: Redis): Promise<number> {
  const calls = (await probe.info('commandstats')).matchAll(/^cmdstat_eval(?:sha)?:calls=(\d+)/gm);
  return [...calls].reduce((sum, [, count]) => sum + Number(count), 0);
}
