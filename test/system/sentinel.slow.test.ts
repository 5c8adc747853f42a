import { expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { Redlock } from 'redlock-core';
import { Deployment, isReady, SentinelGroup } from 'test-kit';
import { ioredisNode } from 'redlock-ioredis-adapter';
import { CriticalSections } from './support/critical-sections.js';

test('a Sentinel group is one node, also after its master was killed', async () => {
  await using deployment = await Deployment.start(2);
  const group = await SentinelGroup.start();
  deployment.defer(() => group.close());
  const redlocks = await Promise.all([1, 2, 3].map(() => redlockOver(deployment, group)));
  const sections = new CriticalSections(redlocks, { resources: ['a', 'b'], workers: 3, ttl: 5000 });
  await sections.progress('with everything at rest');
  await Promise.all([group.failMaster(), sections.progress('while the master is gone')]);
  // Now there is no quorum without the group.
  await deployment.node(0).server.kill();
  await sections.progress('with the group in the quorum');
  await sections.finish();
  expect(sections.overlaps).toEqual([]);
});

/** A Redlock over the group and the nodes of the deployment, each one vote. */
async function redlockOver(
  deployment: Deployment,
  { name, sentinels }: SentinelGroup,
): Promise<Redlock> {
  const addresses = sentinels.map(({ host, port }) => ({ host, port }));
  const guarded = new Redis({ name, sentinels: addresses }).on('error', () => {});
  const clients = [deployment.own(guarded), deployment.client(6, 0), deployment.client(6, 1)];
  await Promise.all(clients.map((client) => isReady(client)));
  const redlock = new Redlock(
    clients.map((client) => ioredisNode(client)),
    { nodeTimeout: 300, pollInterval: 2 },
  );
  deployment.defer(() => redlock.close());
  return redlock;
}
