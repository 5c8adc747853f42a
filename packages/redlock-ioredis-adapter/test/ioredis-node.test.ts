import { describe, expect, test } from '@jest/globals';
import { Cluster as Cluster6, Redis as Redis6 } from 'ioredis';
import { Cluster as Cluster5, Redis as Redis5 } from 'ioredis-5';
import { type RedisNode, Redlock, type RedlockOptions } from 'redlock-core';
import {
  type Client,
  type ClientOptions,
  Deployment,
  isReady,
  type Major,
  majors,
  pace,
  until,
} from 'test-kit';
import { type IoredisClient, ioredisNode } from '../src/index.js';

interface Sender {
  sendCommand(command: { readonly name: string; readonly args: readonly unknown[] }): unknown;
}

const TTL = 60_000;
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
  expect(node.cluster).toBe(cluster);
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

describe.each(majors)('with ioredis $major', ({ major }) => {
  test('a lazy client is connected by the first acquire', async () => {
    await using deployment = await Deployment.start(3);
    const clients = clientsOf(deployment, major, { lazyConnect: true });
    await using redlock = redlockOver(clients);
    expect(clients.map(({ status }) => status)).toEqual(['wait', 'wait', 'wait']);
    const lock = await redlock.acquire('lazy', TTL, { wait: 0 });
    expect(await lock.release()).toBe(true);
  });

  test("the client's own key prefix is put before the key", async () => {
    await using deployment = await Deployment.start(3);
    const clients = clientsOf(deployment, major, { keyPrefix: 'app:' });
    await Promise.all(clients.map((client) => isReady(client)));
    await using redlock = redlockOver(clients, { keyPrefix: 'lock:' });
    const lock = await redlock.acquire(['one', 'two'], TTL);
    await until('all have it', async () => {
      const values = [
        await deployment.values('app:lock:one'),
        await deployment.values('app:lock:two'),
      ];
      return values.flat().every((value) => value === lock.token);
    });
    await lock.extend();
    const { nodes } = await redlock.inspect('one');
    expect(nodes.map(({ token }) => token)).toEqual(Array(3).fill(lock.token));
    expect(await lock.release()).toBe(true);
    await until('both are free', async () => {
      return (await deployment.isGone('app:lock:one')) && deployment.isGone('app:lock:two');
    });
  });

  test('who watches the commands of a client sees name and arguments', async () => {
    await using deployment = await Deployment.start(1);
    const clients = clientsOf(deployment, major);
    await using redlock = redlockOver(clients);
    const seen: unknown[][] = [];
    for (const client of clients as unknown as Sender[]) {
      const send = client.sendCommand.bind(client);
      client.sendCommand = (command) => {
        seen.push([command.name, ...command.args]);
        return send(command);
      };
    }
    const lock = await redlock.acquire('watched', TTL);
    expect(seen).toContainEqual(
      expect.arrayContaining([expect.stringMatching(/^eval/), 'watched', lock.token]),
    );
  });

  test.each(['call', 'sendCommand'])(
    'whoever has wrapped %s of a client sees every command, and is left with no rejection',
    async (method) => {
      await using deployment = await Deployment.start(1);
      const client = deployment.client(major, 0);
      await isReady(client);
      let seen = 0;
      const wrapped = Reflect.get(client, method) as (...args: unknown[]) => unknown;
      Reflect.set(client, method, async (...args: unknown[]) => {
        seen++;
        return await wrapped.apply(client, args);
      });
      await using redlock = new Redlock([ioredisNode(client)], { nodeTimeout: pace.patient });
      await (await redlock.acquire('wrapped', TTL)).release();
      await deployment.probes[0]?.script('FLUSH');
      seen = 0;
      await (await redlock.acquire('wrapped', TTL)).release();
      // Each of them twice, since the server does not know their scripts any more.
      expect(seen).toBe(4);
    },
  );

  test("a node's own timeout wins over nodeTimeout", async () => {
    await using deployment = await Deployment.start(1);
    const client = deployment.client(major, 0);
    await using redlock = new Redlock([ioredisNode(client, { timeout: pace.patient })], {
      nodeTimeout: 20,
    });
    await isReady(client);
    deployment.node(0).proxy.delay(100);
    const lock = await redlock.acquire('patient', TTL, { wait: 0 });
    expect(await lock.release()).toBe(true);
  });

  test("close leaves the caller's clients open", async () => {
    await using deployment = await Deployment.start(1);
    const clients = clientsOf(deployment, major);
    await using redlock = redlockOver(clients);
    const lock = await redlock.acquire('open', TTL);
    await redlock.close();
    await expect(redlock.acquire('open', TTL)).rejects.toMatchObject({ code: 'CLOSED' });
    expect(clients[0]?.status).toBe('ready');
    expect(await clients[0]?.get('open')).toBe(lock.token);
  });

  test('a Redis Cluster is one node', async () => {
    await using deployment = await Deployment.start(0);
    const cluster = await deployment.cluster({ masters: 1 });
    const probe = cluster.probe(await cluster.masterOf('{shop}'));
    const client = deployment.clusterClient(major, cluster);
    await using redlock = new Redlock([ioredisNode(client)], { nodeTimeout: pace.patient });
    const lock = await redlock.acquire(['{shop}:1', '{shop}:2'], TTL, { wait: 0 });
    expect(await probe.mget('{shop}:1', '{shop}:2')).toEqual([lock.token, lock.token]);
    expect(await redlock.tryAcquire('{shop}:2', TTL)).toBeNull();
    await lock.extend();
    expect(await lock.release()).toBe(true);
    expect(await probe.exists('{shop}:1', '{shop}:2')).toBe(0);
  });
});

function lazyNode(name?: string): RedisNode {
  return ioredisNode(new Redis6(lazy), { name });
}

/** A client of each node of the deployment. */
function clientsOf(
  deployment: Deployment,
  major: Major,
  options?: ClientOptions,
): readonly Client[] {
  return deployment.nodes.map((_, index) => deployment.client(major, index, options));
}

function redlockOver(clients: readonly Client[], options: RedlockOptions = {}): Redlock {
  return new Redlock(
    clients.map((client) => ioredisNode(client)),
    { nodeTimeout: pace.patient, wait: pace.limit, ...options },
  );
}
