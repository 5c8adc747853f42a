import { afterAll, describe, expect, test } from '@jest/globals';
import { GlideClient, GlideClusterClient } from '@valkey/valkey-glide';
import { Cluster as Cluster6, Redis as Redis6 } from 'ioredis';
import { Cluster as Cluster5, Redis as Redis5 } from 'ioredis-5';
import { Cluster as ValkeyCluster, Redis as Valkey } from 'iovalkey';
import {
  createClient as createClient6,
  createClientPool,
  createCluster as createCluster6,
  createSentinel as createSentinel6,
} from 'redis';
import {
  createClient as createClient5,
  createCluster as createCluster5,
  createSentinel as createSentinel5,
} from 'redis-5';
import type { RedisNode } from 'redlock-core';
import { memoryNode } from 'redlock-core/memory';
import { ioredisNode, ioredisNodeFromUrl } from 'redlock-ioredis-adapter';
import { iovalkeyNode } from 'redlock-ioredis-adapter/iovalkey';
import { nodeRedisNode } from 'redlock-node-redis-adapter';
import { valkeyGlideNode } from 'redlock-valkey-glide-adapter';
import { thrownBy } from 'test-kit/rejection';

const lazy = { lazyConnect: true } as const;
const sentinels = { name: 'group', sentinelRootNodes: [{ host: 'a', port: 1 }] };
const addresses = [{ host: '127.0.0.1', port: 1 }];
const [glide, glideCluster] = [
  await GlideClient.createClient({ ...lazy, addresses }),
  await GlideClusterClient.createClient({ ...lazy, addresses }),
];

afterAll(() => {
  glide.close();
  glideCluster.close();
});

const ioredis = [
  new Redis5(lazy),
  new Redis6(lazy),
  new Valkey(lazy),
  new Cluster5([{}], lazy),
  new Cluster6([{}], lazy),
  new ValkeyCluster([{}], lazy),
];
const nodeRedis = [
  createClient5(),
  createClient6(),
  createCluster5({ rootNodes: [] }),
  createCluster6({ rootNodes: [] }),
  createSentinel5(sentinels),
  createSentinel6(sentinels),
];

const glides = [glide, glideCluster];

/** Arguments that a factory gets from a caller without types. */
type Factory = (client: never, options?: never) => RedisNode;

/** What each factory says of things that are no clients at all, after what it takes. */
const STRANGERS: readonly (readonly [what: unknown, is: string])[] = [
  ['redis://user:something-secret@host', 'a string'],
  [memoryNode({ name: 'a' }), 'a node already'],
  [Promise.resolve(), 'a promise, which must be awaited'],
  [{}, 'an object of class Object'],
  [Object.create(null), 'an object of class'],
  [undefined, 'undefined'],
  [null, 'null'],
  [5, 'a number'],
];

/** Of redis 2 and 3. */
class CallbackClient {
  connected = false;
  send_command(): void {}
  internal_send_command(): void {}
  sendCommand(): void {}
  exec(): void {}
}

/** Of redis 4. */
class Version4 {
  isOpen = false;
  isReady = false;
  async connect(): Promise<void> {}
  async disconnect(): Promise<void> {}
  async sendCommand(): Promise<void> {}
}

interface FactoryCase {
  readonly name: string;
  readonly make: Factory;
  readonly own: readonly object[];
  /** The kind of client that its errors ask for. */
  readonly takes: string;
}

const factories: readonly FactoryCase[] = [
  { name: 'ioredisNode', make: ioredisNode, own: ioredis, takes: 'ioredis or iovalkey' },
  { name: 'iovalkeyNode', make: iovalkeyNode, own: ioredis, takes: 'ioredis or iovalkey' },
  { name: 'nodeRedisNode', make: nodeRedisNode, own: nodeRedis, takes: 'node-redis' },
  { name: 'valkeyGlideNode', make: valkeyGlideNode, own: glides, takes: 'Valkey GLIDE' },
];

describe.each(factories)('$name', ({ make, own, takes }) => {
  test('makes a node of each of its clients', () => {
    for (const client of own) expect(make(client as never)).toMatchObject({ ready: false });
  });

  test('refuses options that are none', () => {
    for (const options of ['name', null, true]) {
      expect(() => make(own[0] as never, options as never)).toThrow(TypeError);
    }
  });

  test('refuses the index that map passes, and says what to write', () => {
    expect(() => own.map(make as never)).toThrow(TypeError);
    expect(() => own.map(make as never)).toThrow('In map, write (client) => factory(client)');
  });

  test('refuses clients of other adapters, and says what they are', () => {
    for (const client of [...ioredis, ...nodeRedis, ...glides]) {
      if (own.includes(client)) continue;
      const { name } = client.constructor;
      expect(thrownBy(() => make(client as never))).toMatchObject({
        name: 'TypeError',
        message: expect.stringMatching(`must be one of ${takes}, .* an object of class ${name}$`),
      });
    }
  });

  test.each(STRANGERS)('refuses %p, which is no client, without showing a secret', (given, is) => {
    expect(thrownBy(() => make(given as never))).toMatchObject({
      name: 'TypeError',
      message: expect.stringMatching(`must be one of ${takes}, .* is ${is}`),
    });
    expect(() => make(given as never)).not.toThrow(/secret/);
  });
});

test.each<[what: string, client: unknown, says: RegExp]>([
  ['a callback client', new CallbackClient(), /redis 5\.9/],
  ['a client of redis 4', new Version4(), /redis 5\.9/],
  [
    'the callback interface of a client',
    createClient6().legacy(),
    /legacy\(\).* the client itself/,
  ],
  ['a pool of clients', createClientPool({}), /a pool.* createClient/],
])('nodeRedisNode refuses %s, and says what to do', (_what, client, says) => {
  expect(() => nodeRedisNode(client as never)).toThrow(TypeError);
  expect(() => nodeRedisNode(client as never)).toThrow(says);
});

test('nodes of all kinds of client have a name by default, and no timeout of their own', async () => {
  const urls = ['redis://one:7001', 'redis://two:7002'].map((url) => ioredisNodeFromUrl(url));
  const nodes: RedisNode[] = [
    ...urls,
    ...[new Redis5(lazy), new Redis6(lazy)].map((client) => ioredisNode(client)),
    ...[new Valkey(lazy), new ValkeyCluster([{}], lazy)].map((client) => iovalkeyNode(client)),
    ...[createSentinel5(sentinels), createSentinel5(sentinels)].map((client) =>
      nodeRedisNode(client),
    ),
    ...[glide, glide].map((client) => valkeyGlideNode(client)),
  ];
  expect(nodes.map(({ name }) => name).join(' ')).toBe(
    'one:7001 two:7002 localhost:6379 localhost:6379 localhost:6379 cluster sentinel sentinel 127.0.0.1:1 127.0.0.1:1',
  );
  for (const node of nodes) expect(node.timeout).toBeUndefined();
  for (const node of urls) await node.close?.();
});
