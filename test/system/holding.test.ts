import { expect, test } from '@jest/globals';
import { Redlock } from 'redlock-core';
import { Deployment, pace, repeatedAfterStall } from 'test-kit';
import { ioredisNodeFromUrl } from 'redlock-ioredis-adapter';

const TTL = 60_000;

test('close completes releases that were begun, also after others were confirmed, over nodes made of URLs', async () => {
  await using deployment = await Deployment.start(3);
  const nodes = deployment.urls.map((url) => ioredisNodeFromUrl(url));
  const redlock = new Redlock(nodes, { nodeTimeout: pace.patient });
  deployment.defer(() => redlock.close());
  const locks = await Promise.all(
    Array.from({ length: 50 }, (_, i) => redlock.acquire(`lock ${i}`, TTL, { autoExtend: true })),
  );
  const first = locks.slice(0, 10).map((lock) => lock.release());
  await Promise.race(first);
  const releases = [...first, ...locks.slice(10).map((lock) => lock.release())];
  await redlock.close();
  for (const probe of deployment.probes) {
    expect((await probe.keys('*')).filter((key) => !key.endsWith(':fencing'))).toEqual([]);
  }
  expect(await Promise.all(releases)).toEqual(Array(50).fill(true));
});

test(
  'the first tryAcquire of a process gets a lock of 1 s from nodes that are 30 ms away and not yet connected',
  repeatedAfterStall(async () => {
    await using deployment = await Deployment.start(3);
    for (const { proxy } of deployment.nodes) proxy.delay(15);
    const { redlock } = deployment.open({ nodeTimeout: undefined });
    expect(await redlock.tryAcquire('cold', 1000)).not.toBeNull();
  }),
);
