import { describe, expect, test } from '@jest/globals';
import { type EventEmitter, once } from 'node:events';
import { createCluster as createCluster6 } from 'redis';
import { createClient, createCluster as createCluster5 } from 'redis-5';
import { Redlock } from 'redlock-core';
import { type NodeRedisCluster, nodeRedisNode } from 'redlock-node-redis-adapter';
import { FaultProxy, pace, RedisCluster, startServer, until } from 'test-kit';

test('reconnection: a client whose connection ends while it looks up its credentials is ready in the end', async () => {
  const server = await startServer();
  const proxy = await FaultProxy.start(server);
  let lookUps = 0;
  const client = createClient({
    socket: { host: proxy.host, port: proxy.port, reconnectStrategy: 10 },
    credentialsProvider: {
      type: 'async-credentials-provider',
      async credentials() {
        if (lookUps++ === 0) {
          proxy.cut();
          await once(client, 'error');
        }
        return {};
      },
    },
  }).on('error', () => {});
  try {
    const node = nodeRedisNode(client);
    node.connect();
    await until('the node is ready', async () => node.ready, 30_000);
    expect(lookUps).toBe(2);
  } finally {
    client.destroy();
    await proxy.close();
    await server.close();
  }
});

type Cluster = NodeRedisCluster & Pick<EventEmitter, 'on'> & { destroy(): void };

describe.each<{ version: number; createCluster: (options: never) => Cluster }>([
  { version: 5, createCluster: createCluster5 },
  { version: 6, createCluster: createCluster6 },
])('with redis $version', ({ createCluster }) => {
  test('reconnection: a Cluster with minimizeConnections connects to each master when a lock needs it', async () => {
    await using cluster = await RedisCluster.start();
    const rootNodes = cluster.servers.map(({ host, port }) => ({ socket: { host, port } }));
    const client = createCluster({ rootNodes, minimizeConnections: true } as never);
    client.on('error', () => {});
    const redlock = new Redlock([nodeRedisNode(client)], {
      nodeTimeout: pace.patient,
      wait: pace.limit,
    });
    try {
      // Of different masters.
      for (const resource of ['a', 'b', 'c', 'd', 'e', 'f']) {
        const lock = await redlock.acquire(resource, 60_000);
        expect(await lock.release()).toBe(true);
      }
    } finally {
      await redlock.close();
      client.destroy();
    }
  });
});
