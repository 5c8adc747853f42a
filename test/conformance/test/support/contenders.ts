import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Lock, Redlock, type RedisNode } from 'redlock-core';
import {
  deploy,
  type Deployment,
  type OpenClient,
  subjectOf,
  type Topology,
} from '../../src/index.js';

const TTL = 60_000;
/** An emitter warns from its eleventh listener on. */
const MANY = 12;

const crowds = [
  { crowd: 'many nodes of one client', nodes: (client: OpenClient) => times(() => client.node()) },
  {
    crowd: 'many Redlocks on one node',
    nodes(client: OpenClient) {
      const node = client.node();
      return times(() => node);
    },
  },
];

/** Tests that nodes and Redlocks share the listeners of a client, so that a client never warns of a leak. */
export function testListeners(topology: Topology, clients: readonly string[]): void {
  describe(`on a ${topology}`, () => {
    let deployment: Deployment;
    beforeAll(async () => {
      deployment = await deploy(topology);
    });
    afterAll(async () => deployment[Symbol.asyncDispose]());

    const cases = clients.flatMap((client) => crowds.map((crowd) => ({ client, ...crowd })));
    test.each(cases)('$crowd of $client listen to its events once', async ({ client, nodes }) => {
      const server = await deployment.server();
      const open = () => subjectOf(client).open(topology, server, deployment.entrances);
      const [crowded, lonely] = [await open(), await open()];
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
}

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
