import { describe, expect, test } from '@jest/globals';
import { type QuorumError, Redlock, type RedlockOptions } from 'redlock-core';
import {
  type ClusterClient,
  Deployment,
  isReady,
  monitorCommands,
  pace,
  RedisCluster,
  rejectionOf,
  until,
} from 'test-kit';
import { ioredisNode } from 'redlock-ioredis-adapter';
import { CriticalSections } from './support/critical-sections.js';

const TTL = 60_000;
/** One on each of three masters. */
const RESOURCES = ['a', 'b', 'c'];

/** A Redlock over a Cluster and the nodes of the deployment, each one vote, and patient by default. */
async function redlockOver(
  deployment: Deployment,
  cluster: RedisCluster | ClusterClient,
  { clusterTimeout, ...options }: RedlockOptions & { readonly clusterTimeout?: number } = {},
): Promise<Redlock> {
  const client = cluster instanceof RedisCluster ? deployment.clusterClient(6, cluster) : cluster;
  const others = deployment.nodes.map((_, index) => deployment.client(6, index));
  await Promise.all([client, ...others].map((one) => isReady(one)));
  const redlock = new Redlock(
    [ioredisNode(client, { timeout: clusterTimeout }), ...others.map((one) => ioredisNode(one))],
    { nodeTimeout: pace.patient, wait: pace.limit, ...options },
  );
  deployment.defer(() => redlock.close());
  return redlock;
}

describe('a Redis Cluster as one node', () => {
  test('keeps critical sections apart while it fails over and its slots move', async () => {
    await using deployment = await Deployment.start(2);
    const cluster = await deployment.cluster({ replicas: 1 });
    const masters = await Promise.all(RESOURCES.map((key) => cluster.masterOf(key)));
    expect(new Set(masters).size).toBe(3);
    const contenders = await Promise.all(
      Array.from({ length: 4 }, () =>
        redlockOver(deployment, cluster, {
          nodeTimeout: 300,
          pollInterval: 2,
        }),
      ),
    );
    const sections = new CriticalSections(contenders, {
      resources: RESOURCES,
      workers: 3,
      ttl: 5000,
    });
    await sections.progress('with everything at rest');

    for (const key of RESOURCES) {
      const migration = await cluster.migrate(key, await cluster.strangerTo(key));
      await sections.progress(`with the slot of ${key} open`);
      await migration.finish();
      await sections.progress(`with the slot of ${key} moved`);
    }
    const planned = await cluster.replicaOf(await cluster.masterOf('a'));
    await Promise.all([cluster.failOver(planned), sections.progress('during a planned failover')]);
    const killed = await cluster.masterOf('b');
    await Promise.all([cluster.failMaster(killed), sections.progress('while a master is gone')]);
    await sections.progress('with its replica in its place');
    await killed.start();
    // The Cluster carries votes again: without it, and one of the others, there is no quorum.
    await deployment.node(0).server.kill();
    await sections.progress('with the Cluster in the quorum');

    await sections.finish();
    expect(sections.overlaps).toEqual([]);
  });

  test('keeps a lock while its slot moves, and lets nobody else have it', async () => {
    await using deployment = await Deployment.start(0);
    const cluster = await deployment.cluster();
    const holder = await redlockOver(deployment, cluster);
    const other = await redlockOver(deployment, cluster);
    const to = await cluster.strangerTo('held');
    const lock = await holder.acquire('held', TTL);
    const refusal = async (): Promise<unknown> => {
      await lock.extend();
      return await rejectionOf(other.acquire('held', TTL, { wait: 0 }));
    };
    // While a slot moves, the Cluster answers TRYAGAIN to commands for several keys of which some do not exist.
    const unavailable = { code: 'QUORUM_UNAVAILABLE' };

    const migration = await cluster.migrate('held', to);
    expect(await refusal()).toMatchObject(unavailable);
    await migration.moveKeys();
    expect(await refusal()).toMatchObject(unavailable);
    await migration.finish();
    expect(await refusal()).toMatchObject({ code: 'RESOURCE_LOCKED' });
    const target = cluster.probe(to);
    expect(await target.get('held')).toBe(lock.token);
    expect(await lock.release()).toBe(true);
    expect(await target.exists('held')).toBe(0);
    expect((await other.acquire('held', TTL, { wait: 0 })).fencingToken).toBeGreaterThan(
      lock.fencingToken,
    );
  });

  test('grants a free resource once its slot has moved, and keeps nothing of what came before', async () => {
    await using deployment = await Deployment.start(0);
    const cluster = await deployment.cluster();
    const hasty = await redlockOver(deployment, cluster, { nodeTimeout: pace.hasty });
    const redlock = await redlockOver(deployment, cluster);
    const to = await cluster.strangerTo('free');
    const migration = await cluster.migrate('free', to);
    await migration.moveKeys();
    // Both keys of a fenced lock are missing at one end, and new at the other: TRYAGAIN.
    await expect(hasty.acquire('free', TTL, { wait: 0 })).rejects.toMatchObject({
      code: 'QUORUM_UNAVAILABLE',
    });
    const acquired = redlock.acquire('free', TTL);
    await migration.finish();
    const lock = await acquired;
    expect(await cluster.probe(to).get('free')).toBe(lock.token);
    expect(await lock.release()).toBe(true);
    await until('nothing is left', async () => (await cluster.probe(to).exists('free')) === 0);
  });

  test('takes several resources of one slot, and says what to do about those of several', async () => {
    await using deployment = await Deployment.start(0);
    const cluster = await deployment.cluster();
    const redlock = await redlockOver(deployment, cluster);
    const error = await rejectionOf(redlock.acquire(RESOURCES, TTL));
    expect(error).toBeInstanceOf(RangeError);
    expect(String(error)).toMatch(/"a", "b", "c" are in different slots .* hash tag/);
    const resources = RESOURCES.map((name) => `{shop}:${name}`);
    const lock = await redlock.acquire(resources, TTL);
    const probe = cluster.probe(await cluster.masterOf('{shop}'));
    expect(await probe.mget(resources)).toEqual(RESOURCES.map(() => lock.token));
    await lock.extend();
    expect(await lock.release()).toBe(true);
    expect(await probe.exists(resources)).toBe(0);
  });

  test('costs no more when one of its masters is mute, and the others vote', async () => {
    await using deployment = await Deployment.start(2);
    const cluster = await deployment.cluster({
      config: { 'cluster-node-timeout': '60000', 'cluster-require-full-coverage': 'no' },
    });
    const client = deployment.clusterClient(6, cluster);
    const redlock = await redlockOver(deployment, client, {
      clusterTimeout: pace.hasty,
    });
    const cycles = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++) {
        for (const resource of ['mute', 'sound']) {
          const lock = await redlock.acquire(`{${resource}}${i}`, TTL);
          expect(await lock.release()).toBe(true);
        }
      }
    };
    const mute = await cluster.masterOf('{mute}');
    expect(await cluster.masterOf('{sound}')).not.toBe(mute);
    await cycles(10);
    const failed = new AbortController();
    redlock.on('nodeFailed', () => failed.abort());
    await mute.pause();
    while (!failed.signal.aborted) await cycles(1);
    // What was in flight when a command timed out for the first time is all that stays.
    let bound = 0;
    await until('no more comes in flight', async () => {
      bound = inFlight(client);
      await cycles(50);
      return inFlight(client) <= bound;
    });
    await cycles(300);
    // The other masters answer.
    await until('no more is in flight than before', () => inFlight(client) <= bound);
    expect(await hasVote('{sound}')).toBe(true);

    await mute.resume();
    await until('the master votes again', () => hasVote('{mute}'));
    const probe = cluster.probe(mute);
    await until('nothing is left there but counters', async () =>
      (await probe.keys('*')).every((key) => key.endsWith(':fencing')),
    );

    /** Whether the Cluster has a lock that is granted. */
    async function hasVote(resource: string): Promise<boolean> {
      await using lock = await redlock.acquire(resource, TTL);
      const { nodes } = await redlock.inspect(resource);
      return nodes[0]?.token === lock.token;
    }
  });
});

test('an extension that a Cluster has put off shortens no key that a longer one extended first', async () => {
  await using deployment = await Deployment.start(0);
  const cluster = await deployment.cluster();
  const client = deployment.clusterClient(6, cluster, { retryDelayOnTryAgain: 5000 });
  const redlock = await redlockOver(deployment, client, { nodeTimeout: 1000 });
  // Afterwards all masters know the script.
  for (const each of ['a', 'b', 'c']) await (await redlock.acquire(each, TTL)).release();
  const to = await cluster.strangerTo('r');
  const target = cluster.probe(to);
  const lock = await redlock.acquire('r', TTL / 2);
  const monitor = await monitorCommands(to);
  deployment.defer(() => monitor.close());
  // With one of its two keys at each end, the slot answers TRYAGAIN, after which the client waits.
  const migration = await cluster.migrate('r', to);
  await migration.move('r');
  expect(await rejectionOf(lock.extend(2000))).toMatchObject({ code: 'QUORUM_UNAVAILABLE' });
  await migration.finish();
  await new Promise<unknown>((resolve) => client.refreshSlotsCache(resolve));
  await lock.extend(TTL);
  await until('the one that was put off is executed', () =>
    monitor.commands().some((command) => /^"eval(sha)?" .*"2000"/i.test(command)),
  );
  expect(await target.pttl('r')).toBeGreaterThan(TTL / 2);
  expect(lock.remaining()).toBeGreaterThan(TTL / 2);
});

test('a Redis Cluster one of whose masters has restarted does not count', async () => {
  await using deployment = await Deployment.start(0);
  const cluster = await deployment.cluster();
  const redlock = await redlockOver(deployment, cluster);
  const resources = ['a', 'b', 'c', 'd', 'e', 'f'];
  for (const resource of resources) {
    await (await redlock.acquire(resource, TTL, { wait: 0 })).release();
  }
  const reports: unknown[] = [];
  redlock.on('nodeQuarantined', (payload) => void reports.push(payload));
  for (const server of cluster.servers) {
    await cluster.probe(server).call('CLIENT', ['KILL', 'TYPE', 'normal', 'SKIPME', 'yes']);
  }
  for (const resource of resources) await (await redlock.acquire(resource, TTL)).release();
  // A lost connection alone causes no quarantine.
  expect(reports).toEqual([]);

  await cluster.servers[2]?.start();
  await cluster.isUp();
  // Whichever master has the resource, the Cluster is one node.
  for (const resource of resources) await isQuarantined(redlock, resource);
});

test('a Redis Cluster does not count after a replica has been promoted', async () => {
  await using deployment = await Deployment.start(0);
  const cluster = await deployment.cluster({ masters: 1, replicas: 1 });
  const redlock = await redlockOver(deployment, cluster);
  await (await redlock.acquire('r', TTL)).release();
  await cluster.failOver(await cluster.replicaOf(await cluster.masterOf('r')));
  await isQuarantined(redlock, 'r');
});

async function isQuarantined(redlock: Redlock, resource: string): Promise<void> {
  await until('the node is in quarantine', async () => {
    const error = await rejectionOf(redlock.acquire(resource, TTL, { wait: 0 }));
    return (error as QuorumError).votes[0]?.error?.code === 'QUARANTINED';
  });
}

/** Commands that none of a Cluster's servers has answered, or has even been written. */
function inFlight(client: ClusterClient): number {
  const counts = (client.nodes() as unknown as QueuesOfServer[]).map(
    ({ commandQueue, offlineQueue }) => commandQueue.length + offlineQueue.length,
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

interface QueuesOfServer {
  readonly commandQueue: { readonly length: number };
  readonly offlineQueue: { readonly length: number };
}
