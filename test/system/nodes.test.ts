import { expect, test } from '@jest/globals';
import type { QuorumError } from 'redlock-core';
import { Deployment, pace, type ProxiedNode, rejectionOf, until } from 'test-kit';
import { aborted } from './support/aborted.js';
import { untilExtended } from './support/extension.js';

const TTL = 60_000;

test.each<{ how: string; take: (node: ProxiedNode) => unknown }>([
  { how: 'killed', take: ({ server }) => server.kill() },
  { how: 'stopped', take: ({ server }) => server.pause() },
  { how: 'silent', take: ({ proxy }) => proxy.blackHole() },
  { how: 'refusing connections', take: ({ proxy }) => proxy.refuse() },
])(
  'minority-down: locks are acquired, extended and released while two of five nodes are $how',
  async ({ take }) => {
    await using deployment = await Deployment.start(5);
    const redlock = await deployment.redlock();
    for (const node of deployment.nodes.slice(0, 2)) await take(node);
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

test('minority-down: a lock survives that one node after the other restarts with its data', async () => {
  await using deployment = await Deployment.start(3);
  const { redlock, clients } = await deployment.contender({
    nodeTimeout: pace.hasty,
    quarantineTime: 300,
  });
  await using lock = await redlock.acquire('durable', TTL);
  await until('all have it', () => deployment.isHeld('durable', lock.token));
  for (const [index, { server }] of deployment.nodes.entries()) {
    await server.kill();
    await untilExtended(lock);
    await server.start();
    await until('the client is connected', () => clients[index]?.status === 'ready');
  }
  expect(await deployment.isHeld('durable', lock.token)).toBe(true);
});

test('a silent majority: the error comes after the node timeout, names the nodes that timed out, and no grant stays', async () => {
  await using deployment = await Deployment.start(5);
  const redlock = await deployment.redlock({ nodeTimeout: pace.brief });
  for (const { proxy } of deployment.nodes.slice(0, 3)) proxy.blackHole();
  const start = performance.now();
  const error = await rejectionOf(redlock.acquire('majority', TTL, { wait: 0 }));
  const elapsed = performance.now() - start;
  expect(elapsed).toBeGreaterThan(pace.brief - 10);
  expect(elapsed).toBeLessThan(pace.prompt);
  const [failed, granted] = [
    { result: 'failed', error: { code: 'TIMEOUT' } },
    { result: 'granted' },
  ];
  const votes = [failed, failed, failed, granted, granted];
  expect(error).toMatchObject({ code: 'QUORUM_UNAVAILABLE', votes });
  const names = deployment.nodes.map(({ proxy }) => `${proxy.host}:${proxy.port}`);
  expect((error as QuorumError).votes.map(({ node }) => node)).toEqual(names);
  await until('nothing stays', () => deployment.isGone('majority', deployment.probes.slice(3)));
});

test('all servers stopped: a lock is lost once, when its validity ends, and nothing stays when they resume', async () => {
  await using deployment = await Deployment.start(3);
  const redlock = await deployment.redlock({ nodeTimeout: pace.hasty });
  const losses: unknown[] = [];
  redlock.on('lost', ({ error }) => void losses.push(error));
  const lock = await redlock.acquire('stopped', 900, { autoExtend: true });
  const { signal } = lock;
  await Promise.all(deployment.nodes.map(({ server }) => server.pause()));
  // From here on nothing extends it except a reply that has been sent already.
  const end = performance.now() + lock.remaining();
  expect(await aborted(signal)).toMatchObject({ reason: 'UNREACHABLE' });
  expect(performance.now()).toBeGreaterThan(end - 60);
  expect(performance.now()).toBeLessThan(end + pace.prompt);
  expect(lock.remaining()).toBe(0);
  await Promise.all(deployment.nodes.map(({ server }) => server.resume()));
  // An extension that waited in a socket may be executed now. The release follows it.
  await until('nothing stays', () => deployment.isGone('stopped'));
  expect(losses).toEqual([signal.reason]);
});

test('servers that evict or lose keys cause one warning each', async () => {
  await using deployment = await Deployment.start(3, { config: { appendonly: 'no' } });
  await deployment.node(1).probe.config('SET', 'maxmemory-policy', 'allkeys-lru');
  const { redlock } = deployment.open({ quarantine: false });
  const warnings: string[] = [];
  redlock.on('warning', ({ code, node }) => void warnings.push(`${code} ${node}`));
  await until('all servers have been asked', () => warnings.length >= 4);
  const names = deployment.nodes.map(({ proxy }) => `${proxy.host}:${proxy.port}`);
  const expected = [`EVICTION ${names[1]}`, ...names.map((name) => `NO_PERSISTENCE ${name}`)];
  expect(warnings.toSorted()).toEqual(expected.toSorted());
});
