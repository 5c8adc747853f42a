import { describe, expect, test } from '@jest/globals';
import { Redlock, type RedisNode } from 'redlock-core';
import { ioredisNodeFromUrl } from 'redlock-ioredis-adapter';
import { nodeRedisNodeFromUrl } from 'redlock-node-redis-adapter';
import { Deployment, pace, until } from 'test-kit';

const TTL = 60_000;

interface UrlOptions {
  readonly name?: string;
  readonly timeout?: number;
  readonly client?: { readonly password?: string };
}

const factories: readonly [string, (url: string, options?: UrlOptions) => RedisNode][] = [
  ['ioredisNodeFromUrl', ioredisNodeFromUrl],
  ['nodeRedisNodeFromUrl', nodeRedisNodeFromUrl],
];

describe.each(factories)('%s', (_, nodeFromUrl) => {
  test.each(['redis:', 'valkey:'])(
    'connects to %s when it is first needed, and is closed with its Redlock',
    async (scheme) => {
      await using deployment = await Deployment.start(3);
      const urls = deployment.urls.map((url) => `${url.replace('redis:', scheme)}/2`);
      const nodes = urls.map((url) => nodeFromUrl(url));
      const redlock = new Redlock(nodes, { nodeTimeout: pace.patient });
      const connections = (): number[] => deployment.nodes.map(({ proxy }) => proxy.connections);
      expect(connections()).toEqual([0, 0, 0]);
      const lock = await redlock.acquire('url', TTL, { wait: 0 });
      await deployment.node(0).probe.select(2);
      expect(await deployment.node(0).probe.get('url')).toBe(lock.token);
      expect(await lock.release()).toBe(true);
      await redlock.close();
      await until('the clients are gone', () => connections().every((count) => count === 0));
    },
  );

  test('passes options on to its client', async () => {
    await using deployment = await Deployment.start(1, { password: 'secret' });
    const { proxy } = deployment.node(0);
    const url = `redis://${proxy.host}:${proxy.port}`;
    const node = nodeFromUrl(url, { name: 'a', timeout: 2000, client: { password: 'secret' } });
    expect(node).toMatchObject({ name: 'a', timeout: 2000 });
    await using redlock = new Redlock([node], { nodeTimeout: pace.patient });
    expect(await (await redlock.acquire('url', TTL)).release()).toBe(true);
  });

  test('refuses the index that map passes, before it makes a client', () => {
    expect(() => ['redis://cache'].map(nodeFromUrl as never)).toThrow(
      'In map, write (client) => factory(client)',
    );
  });

  test.each(['http://cache:6379', 'redis://cache/orders', 'redis://cache?db=3'])(
    'refuses %s',
    (url) => {
      expect(() => nodeFromUrl(url)).toThrow(TypeError);
    },
  );
});
