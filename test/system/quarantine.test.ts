import { describe, expect, jest, test } from '@jest/globals';
import { type QuorumError, Redlock } from 'redlock-core';
import {
  Deployment,
  emitter,
  isReady,
  majors,
  pace,
  type RedisCluster,
  rejectionOf,
  until,
} from 'test-kit';
import { ioredisNode } from 'redlock-ioredis-adapter';
import { openContender, readyContender, readyRedlock } from './support/contender.js';

const TTL = 60_000;

/** What is wrong with each node's vote, by the code; undefined: nothing. */
async function faults(attempt: Promise<unknown>): Promise<(string | undefined)[]> {
  const { votes } = (await rejectionOf(attempt)) as QuorumError;
  return votes.map(({ error }) => error?.code);
}

describe.each(majors)('with ioredis $major', ({ major }) => {
  test('a lock that most nodes forget while it is held gets no second holder', async () => {
    await using deployment = await Deployment.start(3);
    const holder = await readyRedlock(deployment, major);
    const { redlock: other, clients } = await readyContender(deployment, major);
    const told: unknown[] = [];
    other.on('nodeQuarantined', (payload) => void told.push(payload));
    await using lock = await holder.acquire('r', TTL);
    await until('all have it', () => deployment.isHeld('r', lock.token));
    // It knows the nodes, if not the lock.
    await (await other.acquire('s', TTL)).release();

    const lost = clients.slice(1).map((client) => ended(client));
    const forgetful = deployment.nodes.slice(1);
    await Promise.all(forgetful.map(({ server }) => server.start({ empty: true })));
    await Promise.all(lost);
    await Promise.all(clients.map((client) => isReady(client)));
    expect(await faults(other.acquire('r', TTL, { wait: 0 }))).toContain('QUARANTINED');
    const names = forgetful.map(({ proxy }) => `${proxy.host}:${proxy.port}`);
    await until('both are told about', () => told.length === 2);
    expect(told).toEqual(
      expect.arrayContaining(names.map((node) => ({ node, ms: expect.any(Number) }))),
    );
    expect(lock.remaining()).toBeGreaterThan(0);
  });

  test('failure 27: a grant that its client sends again to a server that restarted empty does not count', async () => {
    await using deployment = await Deployment.start(3);
    const holder = await readyRedlock(deployment, major);
    await using lock = await holder.acquire('r', TTL);
    await until('all have it', () => deployment.isHeld('r', lock.token));

    const { redlock: other, clients } = await readyContender(deployment, major);
    const lost = deployment.loseReplies('eval');
    const attempt = faults(other.acquire('r', TTL, { wait: 0 }));
    await lost;
    await Promise.all(deployment.nodes.map(({ server }) => server.start({ empty: true })));
    await Promise.all(deployment.nodes.map(({ proxy }) => proxy.heal()));
    // Two failures decide.
    expect(await attempt).toEqual(['RECONNECTED', 'RECONNECTED']);
    await Promise.all(clients.map((client) => isReady(client)));
    await until('nothing of it stays', () => deployment.isGone('r'));
  });

  test('a connection that is lost leaves no doubt about a server that is the same', async () => {
    await using deployment = await Deployment.start(3);
    const { redlock, clients } = await readyContender(deployment, major);
    const told: unknown[] = [];
    redlock.on('nodeQuarantined', (payload) => void told.push(payload));
    await (await redlock.acquire('r', TTL)).release();
    const lost = clients.map((client) => ended(client));
    for (const { proxy } of deployment.nodes) proxy.cut();
    await Promise.all(lost);
    await Promise.all(clients.map((client) => isReady(client)));
    expect(await (await redlock.acquire('r', TTL, { wait: 0 })).release()).toBe(true);
    expect(told).toEqual([]);
  });

  test('a server seen for the first time, that has restarted since the Redlock was made, does not count', async () => {
    await using deployment = await Deployment.start(1);
    const anHourAgo = jest.spyOn(Date, 'now').mockReturnValue(Date.now() - 3_600_000);
    const { redlock } = openContender(deployment, major, { client: { lazyConnect: true } });
    anHourAgo.mockRestore();
    expect(await faults(redlock.acquire('r', TTL, { wait: 0 }))).toEqual(['QUARANTINED']);
  });

  test.each([
    { how: 'with its data', empty: false },
    { how: 'without its data', empty: true },
  ])('the only node restarts $how: what the docs say of one Redis', async ({ empty }) => {
    await using deployment = await Deployment.start(1);
    const options = { nodeTimeout: pace.brief, quarantineTime: 5000 };
    const { redlock, clients } = await readyContender(deployment, major, options);
    const lock = await redlock.acquire('held', TTL);
    const start = performance.now();
    const lost = clients.map((client) => ended(client));
    await deployment.node(0).server.start({ empty });
    await Promise.all(lost);
    await Promise.all(clients.map((client) => isReady(client)));
    const refused = await rejectionOf(redlock.acquire('other', TTL, { wait: 0 }));
    expect(String(refused)).toMatch(
      /^QuorumError: For \d+ ms more too few nodes count for a lock on "other", because .* was restarted/,
    );
    if (empty) {
      expect(await rejectionOf(lock.extend())).toMatchObject({ cause: { code: 'TAKEN' } });
    } else {
      // Within the time in which the node has no second vote.
      expect(await rejectionOf(lock.extend())).toMatchObject({ code: 'QUORUM_UNAVAILABLE' });
      await until('it is extended', () =>
        lock.extend().then(
          () => true,
          () => false,
        ),
      );
      expect(performance.now() - start).toBeGreaterThan(2 * pace.brief);
    }
    // It waits until the quarantine is over.
    const other = await redlock.acquire('other', TTL);
    expect(performance.now() - start).toBeGreaterThan(options.quarantineTime);
    expect(await other.release()).toBe(true);
  });

  test("'strict' distrusts a server that has just come up, until it is up for quarantineTime", async () => {
    await using deployment = await Deployment.start(1);
    const options = { quarantine: 'strict', quarantineTime: 4000 } as const;
    const redlock = await readyRedlock(deployment, major, options);
    expect(await faults(redlock.acquire('r', TTL, { wait: 0 }))).toEqual(['QUARANTINED']);
    const lock = await redlock.acquire('r', TTL);
    expect(await lock.release()).toBe(true);
  });

  test('two clients of one server, by different ways, have one vote', async () => {
    await using deployment = await Deployment.start(1);
    const { server, proxy } = deployment.node(0);
    const { redlock } = await readyContender(deployment, major, { through: [server, proxy] });
    const failed: unknown[] = [];
    redlock.on('nodeFailed', (payload) => void failed.push(payload));
    for (let i = 0; i < 3; i++) {
      expect(await faults(redlock.acquire('r', TTL, { wait: 0 }))).toContain('SAME_SERVER');
    }
    expect(failed).toEqual([
      {
        node: expect.any(String),
        error: expect.objectContaining({ code: 'SAME_SERVER' }),
      },
    ]);
    await until('nothing stays', () => deployment.isGone('r'));
  });

  test('a user who may not run INFO gets no grants, and is told what to do', async () => {
    await using deployment = await Deployment.start(1);
    const { probe } = deployment.node(0);
    const client = deployment.client(major, 0);
    await isReady(client);
    await probe.acl('SETUSER', 'default', '-info');
    // Whose client is connected already.
    await using redlock = new Redlock([ioredisNode(client)], { nodeTimeout: pace.patient });
    const error = await rejectionOf(redlock.acquire('r', TTL, { wait: 0 }));
    expect(error).toMatchObject({ votes: [{ error: { code: 'UNIDENTIFIED' } }] });
    expect(String(error)).toMatch(/NOPERM.*allow INFO, or set quarantine: false/);
    await until('nothing stays', () => deployment.isGone('r'));

    await using trusting = new Redlock([ioredisNode(client)], {
      nodeTimeout: pace.patient,
      quarantine: false,
    });
    expect(await (await trusting.acquire('r', TTL, { wait: 0 })).release()).toBe(true);
    await probe.acl('SETUSER', 'default', '+info');
    expect(await (await redlock.acquire('r', TTL, { wait: 0 })).release()).toBe(true);
  });

  test('a Redis Cluster one of whose masters has restarted does not count', async () => {
    await using deployment = await Deployment.start(0);
    const cluster = await deployment.cluster();
    const { servers } = cluster;
    const redlock = clusterRedlock(deployment, cluster);
    const resources = ['a', 'b', 'c', 'd', 'e', 'f'];
    for (const resource of resources) {
      await (await redlock.acquire(resource, TTL, { wait: 0 })).release();
    }
    // Of a connection that was lost there is nothing to fear.
    const told: unknown[] = [];
    redlock.on('nodeQuarantined', (payload) => void told.push(payload));
    for (const server of servers) {
      await cluster.probe(server).call('CLIENT', ['KILL', 'TYPE', 'normal', 'SKIPME', 'yes']);
    }
    for (const resource of resources) await (await redlock.acquire(resource, TTL)).release();
    expect(told).toEqual([]);

    await servers[2]?.start();
    await cluster.isUp();
    // Whichever master a resource is on, the Cluster is one node.
    for (const resource of resources) {
      await until('it does not count', async () => {
        const codes = await faults(redlock.acquire(resource, TTL, { wait: 0 }));
        return codes[0] === 'QUARANTINED';
      });
    }
  });

  test('a Redis Cluster does not count when a replica has taken over', async () => {
    await using deployment = await Deployment.start(0);
    const cluster = await deployment.cluster({ masters: 1, replicas: 1 });
    const redlock = clusterRedlock(deployment, cluster);
    await (await redlock.acquire('r', TTL)).release();
    await cluster.failOver(await cluster.replicaOf(await cluster.masterOf('r')));
    await until('it does not count', async () => {
      const codes = await faults(redlock.acquire('r', TTL, { wait: 0 }));
      return codes[0] === 'QUARANTINED';
    });
  });

  function clusterRedlock(deployment: Deployment, cluster: RedisCluster): Redlock {
    const client = deployment.clusterClient(major, cluster);
    const redlock = new Redlock([ioredisNode(client)], { nodeTimeout: pace.patient });
    deployment.defer(() => redlock.close());
    return redlock;
  }
});

/** The connection is lost. */
function ended(client: Parameters<typeof isReady>[0]): Promise<void> {
  return new Promise((resolve) => void emitter(client).once('close', () => resolve()));
}
