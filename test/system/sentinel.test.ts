import { expect, test } from '@jest/globals';
import { Redis as Redis6 } from 'ioredis';
import { Redis as Redis5 } from 'ioredis-5';
import { Redlock } from 'redlock-core';
import {
  type Client,
  Deployment,
  emitter,
  isReady,
  type Major,
  majors,
  SentinelGroup,
} from 'test-kit';
import { ioredisNode } from 'redlock-ioredis-adapter';
import { CriticalSections } from './support/critical-sections.js';

test.each(majors)(
  'a Sentinel group is one node, also after its master was killed, with ioredis $major',
  async ({ major }) => {
    await using deployment = await Deployment.start(2);
    const group = await SentinelGroup.start();
    deployment.defer(() => group.close());
    const redlocks = await Promise.all([1, 2, 3].map(() => redlockOver(deployment, major, group)));
    const sections = new CriticalSections(redlocks, {
      resources: ['a', 'b'],
      workers: 3,
      ttl: 5000,
    });
    await sections.progress('with everything at rest');
    await Promise.all([group.failMaster(), sections.progress('while the master is gone')]);
    // Now there is no quorum without the group.
    await deployment.node(0).server.kill();
    await sections.progress('with the group in the quorum');
    await sections.finish();
    expect(sections.overlaps).toEqual([]);
  },
);

/** A Redlock over the group and the nodes of the deployment, each one vote. */
async function redlockOver(
  deployment: Deployment,
  major: Major,
  group: SentinelGroup,
): Promise<Redlock> {
  const guarded = deployment.own(openSentinelClient(major, group));
  const clients = [guarded, deployment.client(major, 0), deployment.client(major, 1)];
  await Promise.all(clients.map((client) => isReady(client)));
  const redlock = new Redlock(
    clients.map((client) => ioredisNode(client)),
    { nodeTimeout: 300, retryDelay: 2, retryJitter: 10 },
  );
  deployment.defer(() => redlock.close());
  return redlock;
}

function openSentinelClient(major: Major, { name, sentinels }: SentinelGroup): Client {
  const options = { name, sentinels: sentinels.map(({ host, port }) => ({ host, port })) };
  const client = major === 5 ? new Redis5(options) : new Redis6(options);
  emitter(client).on('error', () => {});
  return client;
}
