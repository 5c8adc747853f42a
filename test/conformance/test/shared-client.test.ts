import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { type Lock, Redlock, type RedisNode } from 'redlock-core';
import type { ConformanceServer } from 'redlock-core/testing';
import {
  deploy,
  type Deployment,
  type OpenClient,
  subjectOf,
  type Topology,
} from '../src/index.js';

const TTL = 60_000;
/** An emitter warns from its eleventh listener on. */
const MANY = 12;

describe.each<{ topology: Topology; clients: readonly string[] }>([
  { topology: 'standalone', clients: ['ioredis 5', 'ioredis 6', 'iovalkey', 'redis 5', 'redis 6'] },
  { topology: 'sentinel', clients: ['ioredis 6', 'redis 5', 'redis 6'] },
  { topology: 'cluster', clients: ['ioredis 5', 'ioredis 6', 'redis 5', 'redis 6'] },
])('on a $topology', ({ topology, clients }) => {
  let deployment: Deployment;
  let server: ConformanceServer;
  beforeAll(async () => {
    deployment = await deploy(topology);
    server = await deployment.server();
  }, 60_000);
  afterAll(async () => {
    await server.close();
    await deployment[Symbol.asyncDispose]();
  });

  async function open(client: string): Promise<OpenClient> {
    return subjectOf(client).open(topology, server, deployment.entrances);
  }

  const kinds = [
    {
      crowd: 'many nodes of one client',
      nodes: (client: OpenClient) => times(() => client.node()),
    },
    {
      crowd: 'many Redlocks on one node',
      nodes(client: OpenClient) {
        const node = client.node();
        return times(() => node);
      },
    },
  ];
  const both = clients.flatMap((client) => kinds.map((kind) => ({ client, ...kind })));

  test.each(both)('$crowd of $client listen to its events once', async ({ client, nodes }) => {
    const [crowded, lonely] = [await open(client), await open(client)];
    try {
      await using many = await Contenders.meet(crowded, nodes(crowded));
      await using one = await Contenders.meet(lonely, [lonely.node()]);
      expect(many.listeners()).toEqual(one.listeners());
    } finally {
      await crowded.close();
      await lonely.close();
    }
  });
});

test('what several nodes of one GLIDE client are given is written in order', async () => {
  const deployment = await deploy('standalone');
  const server = await deployment.server();
  const client = await subjectOf('GLIDE 2').open('standalone', server, []);
  try {
    const lists = times(() => client.node()).map((node, index) => ({
      node,
      list: `list:${index}`,
    }));
    const push = 'return redis.call("rpush", KEYS[1], ARGV[1])';
    const words = Array.from({ length: 200 }, (_, index) => String(index));
    await Promise.all(
      words.flatMap((word) =>
        lists.map(({ node, list }) => node.call(['EVAL', push, '1', list, word])),
      ),
    );
    for (const { node, list } of lists) {
      const order = (await node.call(['LRANGE', list, '0', '-1'])) as readonly string[];
      expect([...order]).toEqual(words);
    }
  } finally {
    client.close();
    await server.close();
  }
});

function times(make: () => RedisNode): RedisNode[] {
  return Array.from({ length: MANY }, make);
}

/** One Redlock a node. The first has a lock, for which all others wait. */
class Contenders implements AsyncDisposable {
  readonly #client: OpenClient;
  readonly #redlocks: readonly Redlock[];
  readonly #locks: readonly Promise<Lock>[];

  private constructor(
    client: OpenClient,
    redlocks: readonly Redlock[],
    locks: readonly Promise<Lock>[],
  ) {
    this.#client = client;
    this.#redlocks = redlocks;
    this.#locks = locks;
  }

  static async meet(client: OpenClient, nodes: readonly RedisNode[]): Promise<Contenders> {
    const redlocks = nodes.map(
      (node) => new Redlock([node], { nodeTimeout: 5000, quarantine: false }),
    );
    const resource = `{conformance}:${randomUUID()}`;
    const locks: Promise<Lock>[] = [];
    for (const redlock of redlocks) {
      const denied = new Promise((resolve) => redlock.on('contended', resolve));
      const lock = redlock.acquire(resource, TTL, { wait: Infinity });
      locks.push(lock);
      await Promise.race([denied, lock]);
    }
    return new Contenders(client, redlocks, locks);
  }

  /** The most that any emitter of the client has, by event. */
  listeners(): Map<string | symbol, number> {
    const most = new Map<string | symbol, number>();
    for (const emitter of this.#client.emitters()) {
      for (const event of emitter.eventNames()) {
        most.set(event, Math.max(most.get(event) ?? 0, emitter.listenerCount(event)));
      }
    }
    return most;
  }

  /** Each gets it in the end. */
  async [Symbol.asyncDispose](): Promise<void> {
    const released = this.#locks.map(async (lock) => (await lock).release());
    expect(await Promise.all(released)).not.toContain(false);
    await Promise.all(this.#redlocks.map((redlock) => redlock.close()));
  }
}
