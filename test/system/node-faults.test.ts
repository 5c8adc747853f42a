import { describe, expect, test } from '@jest/globals';
import { LockLostError, QuorumError } from 'redlock-core';
import {
  Deployment,
  emitter,
  isReady,
  majors,
  pace,
  type ProxiedNode,
  rejectionOf,
  until,
} from 'test-kit';
import { aborted } from './support/aborted.js';
import { readyContender, readyRedlock } from './support/contender.js';
import { untilExtended } from './support/extension.js';

const TTL = 60_000;

const GONE: readonly { how: string; take: (node: ProxiedNode) => unknown }[] = [
  { how: 'killed', take: ({ server }) => server.kill() },
  { how: 'stopped', take: ({ server }) => server.pause() },
  { how: 'black-holed', take: ({ proxy }) => proxy.blackHole() },
  { how: 'refusing', take: ({ proxy }) => proxy.refuse() },
];

/** How a server is made to refuse writes, and to take them again. */
const REFUSALS: readonly { code: string; begin: Words; end: Words }[] = [
  // Of a master that nobody can reach, so it keeps the data that it has.
  {
    code: 'READONLY',
    begin: ['REPLICAOF', '127.0.0.1', '1'],
    end: ['REPLICAOF', 'NO', 'ONE'],
  },
  {
    code: 'OOM',
    begin: ['CONFIG', 'SET', 'maxmemory', '1'],
    end: ['CONFIG', 'SET', 'maxmemory', '0'],
  },
  {
    code: 'NOREPLICAS',
    begin: ['CONFIG', 'SET', 'min-replicas-to-write', '1'],
    end: ['CONFIG', 'SET', 'min-replicas-to-write', '0'],
  },
];
type Words = readonly [string, ...string[]];

describe.each(majors)('with ioredis $major', ({ major }) => {
  test.each(GONE)(
    'two of five nodes $how: locks are taken, extended and released',
    async ({ take }) => {
      await using deployment = await Deployment.start(5);
      const redlock = await readyRedlock(deployment, major);
      for (const site of deployment.nodes.slice(0, 2)) await take(site);
      const living = deployment.probes.slice(2);

      const lock = await redlock.acquire('minority', TTL, { wait: 0 });
      expect(await deployment.values('minority', living)).toEqual(Array(3).fill(lock.token));
      await lock.extend(TTL * 2);
      for (const probe of living) expect(await probe.pttl('minority')).toBeGreaterThan(TTL);
      expect(await redlock.tryAcquire('minority', TTL)).toBeNull();
      expect(await lock.release()).toBe(true);
      expect(await redlock.using('minority', TTL, () => 'done')).toBe('done');
      await until('all is released', () => deployment.isGone('minority', living));
    },
  );

  test.each(GONE)(
    'three of five nodes $how: nobody gets a lock, and nothing stays',
    async ({ take }) => {
      await using deployment = await Deployment.start(5);
      const redlock = await readyRedlock(deployment, major, { nodeTimeout: pace.hasty });
      for (const site of deployment.nodes.slice(0, 3)) await take(site);
      const error = await rejectionOf(redlock.acquire('majority', TTL, { wait: 0 }));
      expect(error).toBeInstanceOf(QuorumError);
      await until('nothing stays', () => deployment.isGone('majority', deployment.probes.slice(3)));
    },
  );

  test('a silent majority: the error comes after the node timeout and says which nodes timed out', async () => {
    await using deployment = await Deployment.start(5);
    const redlock = await readyRedlock(deployment, major, { nodeTimeout: pace.brief });
    for (const { proxy } of deployment.nodes.slice(0, 3)) proxy.blackHole();
    const start = performance.now();
    const error = await rejectionOf(redlock.acquire('majority', TTL, { wait: 0 }));
    const elapsed = performance.now() - start;
    expect(elapsed).toBeGreaterThan(pace.brief - 10);
    expect(elapsed).toBeLessThan(pace.prompt);
    expect(error).toBeInstanceOf(QuorumError);
    const failed = { vote: 'failed', error: { code: 'TIMEOUT' } };
    const granted = { vote: 'granted' };
    expect(error).toMatchObject({ votes: [failed, failed, failed, granted, granted] });
    const names = deployment.nodes.map(({ proxy }) => `${proxy.host}:${proxy.port}`);
    expect((error as QuorumError).votes.map(({ node }) => node)).toEqual(names);
  });

  test('a silent majority: waiting ends with the time given and at most one node timeout', async () => {
    await using deployment = await Deployment.start(5);
    const redlock = await readyRedlock(deployment, major, { nodeTimeout: pace.hasty });
    for (const { proxy } of deployment.nodes.slice(0, 3)) proxy.blackHole();
    const start = performance.now();
    const error = await rejectionOf(redlock.acquire('majority', TTL, { wait: 1000 }));
    const elapsed = performance.now() - start;
    expect(error).toBeInstanceOf(QuorumError);
    expect(elapsed).toBeGreaterThan(990);
    expect(elapsed).toBeLessThan(pace.prompt);
  });

  test('waiting is over as soon as a majority is back', async () => {
    await using deployment = await Deployment.start(3);
    // The servers keep every write.
    const options = { nodeTimeout: pace.hasty, retryDelay: 50, quarantine: false };
    const redlock = await readyRedlock(deployment, major, options);
    await Promise.all(deployment.nodes.map(({ server }) => server.kill()));
    const acquired = redlock.acquire('back', TTL);
    await Promise.all(deployment.nodes.slice(1).map(({ server }) => server.start()));
    const lock = await acquired;
    expect(lock.remaining()).toBeGreaterThan(0);
    await lock.release();
    await until('nothing stays', () => deployment.isGone('back', deployment.probes.slice(1)));
  });

  test('a lock survives its minority being restarted with its data', async () => {
    await using deployment = await Deployment.start(3);
    const { redlock, clients } = await readyContender(deployment, major);
    await using lock = await redlock.acquire('durable', TTL);
    await until('all have it', () => deployment.isHeld('durable', lock.token));
    for (const [index, { server }] of deployment.nodes.entries()) {
      await server.kill();
      await untilExtended(lock);
      await server.start();
      await until('the client is back', () => clients[index]?.status === 'ready');
    }
    expect(await deployment.values('durable')).toEqual(Array(3).fill(lock.token));
  });

  test('a node that lost its data is held again by nobody but the holder, as long as a quorum has it', async () => {
    await using deployment = await Deployment.start(3);
    const { redlock, clients } = await readyContender(deployment, major);
    const lock = await redlock.acquire('forgotten', TTL);
    await until('all have it', async () => {
      return (await deployment.values('forgotten')).every((value) => value === lock.token);
    });
    await deployment.node(0).server.start({ empty: true });
    await until('the clients are connected', () =>
      clients.every(({ status }) => status === 'ready'),
    );
    expect(await redlock.tryAcquire('forgotten', TTL)).toBeNull();
    await lock.extend();
    expect(await lock.release()).toBe(true);
    await until('nothing stays', () => deployment.isGone('forgotten'));
  });

  test('scripts that a server has forgotten are sent again', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await readyRedlock(deployment, major);
    const flush = (): Promise<unknown> =>
      Promise.all(deployment.probes.map((probe) => probe.script('FLUSH')));
    // Known to every connection.
    const first = await redlock.acquire('scripts', TTL);
    await first.extend();
    await first.release();
    await until('nothing stays', () => deployment.isGone('scripts'));

    await flush();
    const lock = await redlock.acquire('scripts', TTL, { wait: 0 });
    await flush();
    await lock.extend(TTL * 2);
    // A quorum: the node that is last to say NOSCRIPT is not asked again once that is decided.
    const ttls = await Promise.all(deployment.probes.map((probe) => probe.pttl('scripts')));
    expect(ttls.filter((ttl) => ttl > TTL).length).toBeGreaterThanOrEqual(2);
    await flush();
    expect(await lock.release()).toBe(true);
    await until('nothing stays', () => deployment.isGone('scripts'));
  });

  test('all servers stopped: the signal aborts when the validity ends, not before and without a reply', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await readyRedlock(deployment, major, { nodeTimeout: pace.hasty });
    const losses: unknown[] = [];
    redlock.on('lost', ({ error }) => void losses.push(error));
    const lock = await redlock.acquire('stopped', pace.ttl, { autoExtend: true });
    const { signal } = lock;
    const start = performance.now();
    const remaining = lock.remaining();
    await Promise.all(deployment.nodes.map(({ server }) => server.pause()));
    const reason = await aborted(signal);
    const elapsed = performance.now() - start;
    expect(reason).toBeInstanceOf(LockLostError);
    expect(reason).toMatchObject({ cause: { code: 'UNREACHABLE' } });
    // A first extension may just have made it before the servers stopped, with a third of the ttl over.
    expect(elapsed).toBeGreaterThan(0.98 * remaining);
    expect(elapsed).toBeLessThan(remaining + pace.prompt);
    expect(losses).toEqual([reason]);
    expect(lock.remaining()).toBe(0);
  });

  test('keys stolen on a majority: the next extension says so, and the signal is aborted', async () => {
    await using deployment = await Deployment.start(5);
    const redlock = await readyRedlock(deployment, major);
    const lock = await redlock.acquire('stolen', TTL);
    const { signal } = lock;
    for (const probe of deployment.probes.slice(0, 3))
      await probe.set('stolen', 'thief', 'PX', TTL);
    const error = await rejectionOf(lock.extend());
    expect(error).toBeInstanceOf(LockLostError);
    expect(error).toMatchObject({ cause: { code: 'TAKEN' } });
    expect(signal.reason).toBe(error);
    // What the lost lock still has elsewhere is in nobody's way.
    await until('the rest is released', () =>
      deployment.isGone('stolen', deployment.probes.slice(3)),
    );
    expect(await deployment.values('stolen', deployment.probes.slice(0, 3))).toEqual(
      Array(3).fill('thief'),
    );
  });

  test('keys stolen on a minority: the lock lives on', async () => {
    await using deployment = await Deployment.start(5);
    const redlock = await readyRedlock(deployment, major);
    const lock = await redlock.acquire('stolen', TTL);
    for (const probe of deployment.probes.slice(0, 2))
      await probe.set('stolen', 'thief', 'PX', TTL);
    await lock.extend();
    expect(lock.signal.aborted).toBe(false);
    expect(await lock.release()).toBe(true);
  });

  test('inspect shows every node in the order given, and says which one is down', async () => {
    await using deployment = await Deployment.start(5);
    const redlock = await readyRedlock(deployment, major, { hastyAt: [3], keyPrefix: 'p:' });
    await using lock = await redlock.acquire('seen', TTL);
    await until('all have it', async () => {
      return (await deployment.values('p:seen')).every((value) => value === lock.token);
    });
    await deployment.node(1).probe.set('p:seen', 'theirs');
    await deployment.node(2).probe.del('p:seen');
    await deployment.node(3).server.kill();
    deployment.node(0).proxy.delay(20);
    const { resource, nodes } = await redlock.inspect('seen');
    expect(resource).toBe('seen');
    expect(nodes.map(({ node }) => node)).toEqual(
      deployment.nodes.map(({ proxy }) => `${proxy.host}:${proxy.port}`),
    );
    const ours = { token: lock.token, ttl: expect.any(Number) };
    expect(nodes).toEqual([
      { node: expect.any(String), ...ours },
      { node: expect.any(String), token: 'theirs', ttl: null },
      { node: expect.any(String), token: null, ttl: null },
      {
        node: expect.any(String),
        token: null,
        ttl: null,
        error: {
          name: expect.any(String),
          code: expect.any(String),
          message: expect.any(String),
        },
      },
      { node: expect.any(String), ...ours },
    ]);
    for (const { ttl } of nodes) expect(ttl ?? 1).toBeGreaterThan(0);
  });

  test('a node that fails and comes back is told about once each', async () => {
    await using deployment = await Deployment.start(3);
    const { redlock, clients } = await readyContender(deployment, major, {
      nodeTimeout: pace.brief,
    });
    const told: string[] = [];
    redlock.on('nodeFailed', ({ node }) => void told.push(`failed ${node}`));
    redlock.on('nodeRecovered', ({ node }) => void told.push(`recovered ${node}`));
    const { proxy, server } = deployment.node(1);
    const name = `${proxy.host}:${proxy.port}`;
    const client = clients[1];
    if (!client) throw new Error('There are three clients');
    await server.kill();
    const cycle = async (): Promise<void> => {
      const lock = await redlock.acquire('cycle', TTL);
      await lock.release();
    };
    await until('it is told', async () => cycle().then(() => told.length > 0));
    for (let i = 0; i < 5; i++) await cycle();
    await server.start();
    await isReady(client);
    await until('it is told', async () => cycle().then(() => told.length > 1));
    for (let i = 0; i < 5; i++) await cycle();
    expect(told).toEqual([`failed ${name}`, `recovered ${name}`]);
  });

  test.each(REFUSALS)(
    'a node that refuses writes ($code) is told about once, and once when it takes them again',
    async ({ code, begin, end }) => {
      await using deployment = await Deployment.start(3);
      const redlock = await readyRedlock(deployment, major);
      const told: string[] = [];
      redlock.on('nodeFailed', ({ error }) => void told.push(`failed: ${error.code}`));
      redlock.on('nodeRecovered', () => void told.push('recovered'));
      const { probe } = deployment.node(1);
      await using held = await redlock.acquire('held', TTL);
      await until('all have it', () => deployment.isHeld('held', held.token));
      const cycle = async (): Promise<void> => {
        const lock = await redlock.acquire('cycle', TTL);
        // Releases that it has nothing of, and extensions that find the lock, are answered well.
        await held.extend();
        await lock.release();
        await redlock.inspect('cycle');
      };
      await cycle();
      await probe.call(...begin);
      await until('it is told', async () => cycle().then(() => told.length > 0));
      for (let i = 0; i < 5; i++) await cycle();
      expect(told).toEqual([`failed: ${code}`]);
      await probe.call(...end);
      await until('it is told', async () => cycle().then(() => told.length > 1));
      for (let i = 0; i < 5; i++) await cycle();
      expect(told).toEqual([`failed: ${code}`, 'recovered']);
    },
  );
});

test('a half-open connection is replaced, so that its healthy node votes again', async () => {
  await using deployment = await Deployment.start(1);
  const { proxy } = deployment.node(0);
  const { redlock, clients } = await readyContender(deployment, 6, { nodeTimeout: pace.brief });
  const [client] = clients;
  if (!client) throw new Error('There is one client');
  let halfOpen = true;
  emitter(client).once('close', () => {
    halfOpen = false;
  });
  // No reply comes over this connection any more; over new ones all is well.
  for (let i = 0; i < 200; i++) void proxy.dropReply({ cut: false, match: () => halfOpen });
  const error = await rejectionOf(redlock.acquire('half-open', TTL, { wait: 0 }));
  expect(error).toMatchObject({ votes: [{ error: { code: 'TIMEOUT' } }] });
  const lock = await redlock.acquire('half-open', TTL);
  expect(halfOpen).toBe(false);
  expect(await lock.release()).toBe(true);
});
