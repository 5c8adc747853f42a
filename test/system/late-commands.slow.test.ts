import { expect, test } from '@jest/globals';
import { Redlock } from 'redlock-core';
import { ioredisNode } from 'redlock-ioredis-adapter';
import { Deployment, isReady, rejectionOf } from 'test-kit';

const TTL = 60_000;

test('an extension that a Cluster delayed does not shorten a later, longer extension', async () => {
  await using deployment = await Deployment.start(0);
  const cluster = await deployment.cluster();
  const client = deployment.clusterClient(6, cluster, { retryDelayOnTryAgain: 5000 });
  await isReady(client);
  const redlock = new Redlock([ioredisNode(client)], { nodeTimeout: 1000 });
  deployment.defer(() => redlock.close());
  // All masters know the script.
  for (const each of ['a', 'b', 'c']) await (await redlock.acquire(each, TTL)).release();
  const to = await cluster.strangerTo('r');
  const target = cluster.probe(to);
  const lock = await redlock.acquire('r', 30_000);
  const monitor = await target.monitor();
  deployment.defer(() => monitor.disconnect());
  const again = new Promise<void>((resolve) => {
    monitor.on('monitor', (_time: string, [name, , ms]: string[]) => {
      if (name?.toLowerCase() === 'pexpire' && ms === '2000') resolve();
    });
  });

  // Only one of the two keys is there: the server replies TRYAGAIN, and the client waits before it sends again.
  const migration = await cluster.migrate('r', to);
  await migration.move('r');
  expect(await rejectionOf(lock.extend(2000))).toMatchObject({ code: 'QUORUM_UNAVAILABLE' });
  await migration.finish();
  await new Promise<unknown>((resolve) => client.refreshSlotsCache(resolve));
  await lock.extend(TTL);
  await again;
  expect(await target.pttl('r')).toBeGreaterThan(TTL / 2);
  expect(lock.remaining()).toBeGreaterThan(TTL / 2);
});
