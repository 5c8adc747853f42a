import { describe, expect, jest, test } from '@jest/globals';
import { type RedisNode, Redlock } from 'redlock-core';
import {
  Deployment,
  type FaultProxy,
  isReady,
  type Major,
  majors,
  rejectionOf,
  until,
} from 'test-kit';
import { ioredisNode } from 'redlock-ioredis-adapter';
import { readyRedlock } from './support/contender.js';

// Servers of a Cluster gossip for seconds before all of them agree.
jest.setTimeout(120_000);

const TTL = 60_000;

/** What one server has of a resource. */
interface State {
  readonly token: string | null;
  readonly ttl: number;
  readonly counter: string | null;
}

/** Commands that a Redlock has given its nodes, which a client may send a second time at any later time. */
class Recording {
  readonly redlock: Redlock;
  readonly #nodes: readonly RedisNode[];
  readonly #commands: (readonly string[])[] = [];

  private constructor(nodes: readonly RedisNode[], fencing: boolean) {
    this.#nodes = nodes;
    const recorded = nodes.map((node) => {
      const recording: RedisNode = Object.create(node, {
        call: {
          value: (args: readonly string[]) => {
            if (args[0] !== 'INFO') this.#commands.push(args);
            return node.call(args);
          },
        },
      });
      return recording;
    });
    this.redlock = new Redlock(recorded, { fencing, nodeTimeout: 10_000 });
  }

  static async on(deployment: Deployment, major: Major, fencing: boolean): Promise<Recording> {
    const clients = deployment.nodes.map((_, index) => deployment.client(major, index));
    await Promise.all(clients.map((client) => isReady(client)));
    const recording = new Recording(
      clients.map((client) => ioredisNode(client)),
      fencing,
    );
    deployment.defer(() => recording.redlock.close());
    return recording;
  }

  /** Sends each command that was sent so far once more, to every node. */
  async repeat(): Promise<void> {
    for (const args of new Set(this.#commands)) {
      await Promise.all(this.#nodes.map((node) => node.call(args)));
    }
  }
}

async function statesOf(deployment: Deployment, resource: string): Promise<State[]> {
  return Promise.all(
    deployment.probes.map(async (probe) => ({
      token: await probe.get(resource),
      ttl: await probe.pttl(resource),
      counter: await probe.get(`{${resource}}:fencing`),
    })),
  );
}

describe.each(majors)('with ioredis $major', ({ major }) => {
  test.each([{ fencing: true }, { fencing: false }])(
    'every command that is executed again after any later one leaves a healthy lock healthy, fencing $fencing',
    async ({ fencing }) => {
      await using deployment = await Deployment.start(3, { config: { appendonly: 'no' } });
      const here = await Recording.on(deployment, major, fencing);
      const there = await Recording.on(deployment, major, fencing);
      const { redlock } = here;
      const unharmed = async (): Promise<void> => {
        const start = performance.now();
        const before = await statesOf(deployment, 'r');
        for (const recording of [here, there]) await recording.repeat();
        const after = await statesOf(deployment, 'r');
        const elapsed = performance.now() - start;
        for (const [index, { token, ttl, counter }] of before.entries()) {
          expect(after[index]).toMatchObject({ token, counter });
          expect(after[index]?.ttl).toBeGreaterThanOrEqual(ttl - elapsed - 1);
        }
      };

      // Counters that are ahead make the grant be confirmed; on two nodes, so that whichever answer first, one is.
      const ahead = String((Date.now() + 500) * 1000);
      for (const { probe } of deployment.nodes.slice(0, 2)) {
        await probe.set('{r}:fencing', ahead, 'PX', TTL);
      }
      const lock = await redlock.acquire('r', TTL);
      await until('all have it', () => deployment.isHeld('r', lock.token));
      await unharmed();
      await lock.extend(10 * TTL);
      await unharmed();
      await lock.extend(2 * TTL);
      await unharmed();
      await deployment.node(2).probe.del('r');
      await lock.extend();
      await until('it is healed', () => deployment.isHeld('r', lock.token));
      await unharmed();
      await lock.extend();

      lock.detach();
      const adopted = await there.redlock.adopt('r', lock.token, TTL);
      await until('all have it', () => deployment.isHeld('r', adopted.token));
      await unharmed();
      await adopted.extend();
      expect(await adopted.release({ keepFor: TTL })).toBe(true);
      await unharmed();

      for (const probe of deployment.probes) await probe.del('r');
      const released = await redlock.acquire('r', TTL);
      expect(await released.release()).toBe(true);
      await until('it is free', () => deployment.isGone('r'));
      const next = await there.redlock.acquire('r', TTL);
      await until('all have it', () => deployment.isHeld('r', next.token));
      await unharmed();
      await next.extend();
      expect(await next.release()).toBe(true);
    },
  );

  test('an extension that a Cluster has put off cuts nothing short of a longer one that came first', async () => {
    await using deployment = await Deployment.start(0);
    const cluster = await deployment.cluster();
    const client = deployment.clusterClient(major, cluster, { retryDelayOnTryAgain: 5000 });
    await isReady(client);
    const redlock = new Redlock([ioredisNode(client)], { nodeTimeout: 1000 });
    deployment.defer(() => redlock.close());
    // All masters know the script.
    for (const each of ['a', 'b', 'c']) await (await redlock.acquire(each, TTL)).release();
    const to = await cluster.strangerTo('r');
    const target = cluster.probe(to);
    const lock = await redlock.acquire('r', 30_000);
    const monitor = await target.monitor();
    deployment.defer(() => monitor.disconnect());
    const again = new Promise<void>((resolve) => {
      monitor.on('monitor', (_time: string, [name, , ms]: string[]) => {
        if (name?.toLowerCase() === 'pexpire' && ms === '2000') resolve();
      });
    });

    // Of the two keys only one is there: TRYAGAIN, after which the client waits.
    const migration = await cluster.migrate('r', to);
    await migration.move('r');
    expect(await rejectionOf(lock.extend(2000))).toMatchObject({ code: 'QUORUM_UNAVAILABLE' });
    await migration.finish();
    await new Promise<unknown>((resolve) => client.refreshSlotsCache(resolve));
    await lock.extend(TTL);
    await again;
    expect(await target.pttl('r')).toBeGreaterThan(TTL / 2);
    expect(lock.remaining()).toBeGreaterThan(TTL / 2);
  });

  test('an adoption that fails while its nodes stand still leaves the lock to its holder, and to nobody else', async () => {
    await using deployment = await Deployment.start(3);
    const holder = await readyRedlock(deployment, major, { nodeTimeout: 10_000 });
    const heir = await readyRedlock(deployment, major, { nodeTimeout: 1000 });
    const third = await readyRedlock(deployment, major, { nodeTimeout: 10_000 });
    const lock = await holder.acquire('r', TTL);
    await until('all have it', () => deployment.isHeld('r', lock.token));

    const stalled = deployment.nodes.slice(0, 2);
    await Promise.all(stalled.map(({ server }) => server.pause()));
    expect(await rejectionOf(heir.adopt('r', lock.token, TTL))).toMatchObject({
      code: 'QUORUM_UNAVAILABLE',
    });
    await Promise.all(stalled.map(({ server }) => server.resume()));
    await until('all is given back', () => deployment.isHeld('r', lock.token));
    expect(await third.tryAcquire('r', TTL)).toBeNull();
    expect(lock.signal.aborted).toBe(false);

    const adopted = await heir.adopt('r', lock.token, TTL);
    expect(await adopted.release()).toBe(true);
  });

  test('a release that is refused for want of replicas is repeated until it is executed', async () => {
    await using deployment = await Deployment.start(1);
    const redlock = await readyRedlock(deployment, major, { nodeTimeout: 10_000 });
    const { probe } = deployment.node(0);
    const lock = await redlock.acquire('r', TTL);
    await probe.config('SET', 'min-replicas-to-write', '1');
    expect(await lock.release()).toBe(false);
    expect(await deployment.isHeld('r', lock.token)).toBe(true);
    await probe.config('SET', 'min-replicas-to-write', '0');
    await until('it is released', () => deployment.isGone('r'));
    expect(await redlock.tryAcquire('r', TTL)).not.toBeNull();
  });

  test('a node has no second vote across its restart', async () => {
    await using deployment = await Deployment.start(3);
    const [, second, third] = deployment.nodes;
    const waysOf = async (): Promise<[FaultProxy, FaultProxy, FaultProxy]> =>
      Promise.all([deployment.proxyTo(0), deployment.proxyTo(1), deployment.proxyTo(2)]);
    const [theirs, others] = [await waysOf(), await waysOf()];
    // A fencing token would have to be confirmed after so long.
    const fencing = false;
    const holder = await readyRedlock(deployment, major, {
      through: theirs,
      nodeTimeout: 1000,
      fencing,
    });
    const other = await readyRedlock(deployment, major, {
      through: others,
      nodeTimeout: 20_000,
      fencing,
    });
    await (await holder.acquire('known', TTL)).release();
    await (await other.acquire('known', TTL)).release();

    // The holder has the first two; the third grants somebody else, whose question is long on its way to the second.
    theirs[2].refuse();
    const held = await holder.acquire('r', 3000, { autoExtend: true });
    others[1].delay(9000);
    const attempt = other.acquire('r', TTL, { wait: 0 }).catch(() => null);
    await until('the third has granted', async () => (await third?.probe.get('r')) !== null);
    // It forgets that, and is told of the holder's lock, which then ends on the second.
    await third?.server.start({ empty: true });
    await theirs[2].heal();
    await until('the third is healed', async () => {
      return held.signal.aborted || (await third?.probe.get('r')) === held.token;
    });
    theirs[1].blackHole();
    await until(
      'the second has granted',
      async () => {
        const value = await second?.probe.get('r');
        return value !== null && value !== held.token;
      },
      60_000,
    );
    const believed = held.remaining() > 0;
    // What is on its way stays late, and only that.
    others[1].delay(0);
    const lock = await attempt;
    expect(believed && lock !== null).toBe(false);
  });
});
