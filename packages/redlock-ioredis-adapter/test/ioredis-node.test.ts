import { expect, test } from '@jest/globals';
import { Cluster as Cluster6, Redis as Redis6 } from 'ioredis';
import { Cluster as Cluster5, Redis as Redis5 } from 'ioredis-5';
import { type RedisNode, Redlock } from 'redlock-core';
import { type IoredisClient, ioredisNode } from '../src/index.js';
import { testClient } from './cases/client.js';

const lazy = { lazyConnect: true } as const;

const kinds: readonly { kind: string; cluster: boolean; make: () => IoredisClient }[] = [
  { kind: 'Redis of ioredis 5', cluster: false, make: () => new Redis5(lazy) },
  { kind: 'Redis of ioredis 6', cluster: false, make: () => new Redis6(lazy) },
  { kind: 'Cluster of ioredis 5', cluster: true, make: () => new Cluster5([{}], lazy) },
  { kind: 'Cluster of ioredis 6', cluster: true, make: () => new Cluster6([{}], lazy) },
];

test.each(kinds)('$kind is a client that the adapter takes', ({ cluster, make }) => {
  const client = make();
  const node = ioredisNode(client);
  expect(node.cluster !== undefined).toBe(cluster);
  expect(node.ready).toBe(false);
  expect(node.name).toBe(cluster ? 'cluster' : 'localhost:6379');
  client.disconnect();
});

test.each([
  [new Redis5({ ...lazy, host: 'cache', port: 7000, password: 'secret' }), 'cache:7000'],
  [new Redis6({ ...lazy, host: 'cache', port: 7000, password: 'secret' }), 'cache:7000'],
  [new Redis5('redis://user:secret@cache:7000/3', lazy), 'cache:7000'],
  [new Redis6('redis://user:secret@cache:7000/3', lazy), 'cache:7000'],
  [new Redis5({ ...lazy, path: '/run/redis.sock' }), '/run/redis.sock'],
  [new Redis6({ ...lazy, path: '/run/redis.sock' }), '/run/redis.sock'],
  [new Redis5({ ...lazy, name: 'group', sentinels: [{ host: 'guard' }] }), 'group'],
  [new Redis6({ ...lazy, name: 'group', sentinels: [{ host: 'guard' }] }), 'group'],
])('a node is named after where its client connects to (%#)', (client, name) => {
  expect(ioredisNode(client).name).toBe(name);
});

test('a node has the name and the timeout that it is given', () => {
  const node = ioredisNode(new Redis6(lazy), { name: 'rack 4', timeout: 120 });
  expect(node).toMatchObject({ name: 'rack 4', timeout: 120 });
});

test('two clients of one server are no two nodes, unless they are given different names', () => {
  expect(() => new Redlock([lazyNode(), lazyNode()])).toThrow(RangeError);
  expect(() => new Redlock([lazyNode(), lazyNode()])).toThrow('localhost:6379');
  expect(() => new Redlock([lazyNode('a'), lazyNode('b')])).not.toThrow();
});

test('a client that was not made a node is an error that says what to do', () => {
  const client = new Redis6(lazy) as unknown;
  expect(() => new Redlock([client as never])).toThrow(/ioredisNode\(client\)/);
});

testClient(6);

function lazyNode(name?: string): RedisNode {
  return ioredisNode(new Redis6(lazy), { name });
}
