import { test } from '@jest/globals';
import {
  Deployment,
  isReady,
  killSubscribers,
  majors,
  type RedisServer,
  subscriberIds,
} from 'test-kit';
import { ioredisNode } from '../src/index.js';
import { Ear } from './support/ear.js';

test.each(majors)(
  'a subscription of ioredis $major to a Redis Cluster moves to another server, and says so',
  async ({ major }) => {
    await using deployment = await Deployment.start(0);
    const cluster = await deployment.cluster({ replicas: 1 });
    const { servers } = cluster;
    const client = deployment.clusterClient(major, cluster);
    await isReady(client);
    const ear = new Ear(deployment, ioredisNode(client), 'news');
    await ear.isEstablished();
    for (const server of servers) await killSubscribers(cluster.probe(server));
    await ear.isEstablished(2);
    await publish('killed');
    const [host] = await subscribedTo();
    if (!host) throw new Error('Nobody has the subscription');
    await host.kill();
    await ear.isEstablished(3);
    await publish('moved');

    async function subscribedTo(): Promise<RedisServer[]> {
      const counts = await Promise.all(
        servers.map(async (server) => (await subscriberIds(cluster.probe(server))).length),
      );
      return servers.filter((_, index) => counts[index]);
    }
    /** By every server that is alive, in turn: each passes it on to the one that is listened to. */
    async function publish(text: string): Promise<void> {
      for (const server of servers) {
        const { name } = server;
        const sent = cluster.probe(server).publish('news', `${text} ${name}`);
        if (
          await sent.then(
            () => true,
            () => false,
          )
        )
          await ear.hears(`${text} ${name}`);
      }
    }
  },
);
