import { expect, test } from '@jest/globals';
import type { Lock } from 'redlock-core';
import { Deployment, pace, rejectionOf, subscriberIds, until } from 'test-kit';
import { timed } from './support/timed.js';
import { countAt, isQuiet } from './support/traffic.js';

const TTL = 60_000;
const WAITER_TTL = 3000;
/** No poll is due while a test lasts. */
const patient = { pollInterval: 10 * pace.limit };

test('failure 22: a release makes one of many waiters ask the nodes, and those that gave up at the head delay none', async () => {
  await using deployment = await Deployment.start(3);
  const holder = await deployment.redlock();
  const crowd = await deployment.redlock(patient);
  const held = await holder.acquire('wanted', TTL);
  const monitors = await Promise.all(deployment.nodes.map((_, at) => deployment.monitor(at)));
  const [early, late] = [new AbortController(), new AbortController()];
  const givenUp = [early, early, late, late].map(({ signal }) =>
    rejectionOf(crowd.acquire('wanted', WAITER_TTL, { signal })),
  );
  const locks: Lock[] = [];
  const waiters = Array.from({ length: 30 }, async () => {
    locks.push(await crowd.acquire('wanted', WAITER_TTL));
  });
  await isQuiet(...monitors);
  early.abort(new Error('gives up'));
  await isQuiet(...monitors);
  const before = await countAt(monitors);
  const released = held.release();
  late.abort(new Error('gives up as it is released'));
  expect(await released).toBe(true);
  await until('one of them has it', () => locks.length === 1, pace.prompt);
  await isQuiet(...monitors);
  for (const [index, count] of (await countAt(monitors)).entries()) {
    // The release, the grant, and attempts that came too early for a node; not one attempt for each waiter.
    expect(count - (before[index] ?? 0)).toBeLessThanOrEqual(8);
  }
  for (const reason of await Promise.all(givenUp)) expect(reason).toBeInstanceOf(Error);
  // All of them get their turn, one at a time.
  for (let position = 0; position < waiters.length; position++) {
    await until(`lock ${position} is granted`, () => locks.length > position);
    expect(locks).toHaveLength(position + 1);
    expect(await locks[position]?.release()).toBe(true);
  }
  await Promise.all(waiters);
});

test('failure 24: a waiter that shares one node with the holder is notified by its release', async () => {
  await using deployment = await Deployment.start(3);
  // Its own clean-up notifies nobody.
  const client = await deployment.user('&*', '+@all', '-publish');
  const holder = await reaching([0, 1]);
  const waiter = await reaching([0, 2], client);
  const held = await holder.acquire('halved', TTL, { wait: 0 });
  const monitors = [await deployment.monitor(0), await deployment.monitor(2)];
  const waiting = waiter.acquire('halved', WAITER_TTL);
  await until('it listens where it can', async () => {
    const probes = [deployment.node(0).probe, deployment.node(2).probe];
    const listening = await Promise.all(probes.map((probe) => subscriberIds(probe)));
    return listening.every((ids) => ids.length === 1);
  });
  await isQuiet(...monitors);
  expect(await held.release()).toBe(true);
  expect(await timed(waiting)).toBeLessThan(pace.prompt);
  expect(await (await waiting).release()).toBe(true);
  await until('nothing is left', () => deployment.isGone('halved'));

  /** A connected Redlock from which the other nodes are then unreachable. */
  async function reaching(indexes: readonly number[], user = {}) {
    const through = await Promise.all(deployment.nodes.map((_, at) => deployment.proxyTo(at)));
    const others = [0, 1, 2].filter((index) => !indexes.includes(index));
    const redlock = await deployment.redlock({
      ...patient,
      client: user,
      through,
      hastyAt: others,
    });
    for (const index of others) through[index]?.refuse();
    return redlock;
  }
});

test.each([{ wanted: ['a', 'b'] }, { wanted: ['b', 'a'] }])(
  'failure 29: the holder of a gets b although a waiter wants $wanted',
  async ({ wanted }) => {
    await using deployment = await Deployment.start(3);
    const redlock = await deployment.redlock(patient);
    const monitor = await deployment.monitor(0);
    const a = await redlock.acquire('a', TTL);
    const both = redlock.acquire(wanted, WAITER_TTL);
    await isQuiet(monitor);
    const nested = redlock.acquire('b', TTL);
    expect(await timed(nested)).toBeLessThan(pace.prompt);
    expect(await (await nested).release()).toBe(true);
    expect(await a.release()).toBe(true);
    expect(await timed(both)).toBeLessThan(pace.prompt);
    expect(await (await both).release()).toBe(true);
  },
);

test.each([
  { rights: 'no channel', acl: ['+@all', 'resetchannels'] },
  { rights: 'no pub/sub', acl: ['+@all', '&*', '-@pubsub'] },
])(
  'failure 30: a user with rights to $rights releases with success, and waits by polling',
  async ({ acl }) => {
    await using deployment = await Deployment.start(3);
    const client = await deployment.user(...acl);
    const options = { client, pollInterval: 50 };
    const [holder, waiter] = [await deployment.redlock(options), await deployment.redlock(options)];
    const monitor = await deployment.monitor(0);
    const held = await holder.acquire('quiet', TTL);
    let polls = 0;
    waiter.on('contended', () => polls++);
    const waiting = waiter.acquire('quiet', TTL);
    await until('it has polled', () => polls > 3);
    expect(await held.release()).toBe(true);
    expect(await (await waiting).release()).toBe(true);
    await until('nothing is left', () => deployment.isGone('quiet'));
    // No hot loop.
    const [commands = 0] = await countAt([monitor]);
    expect(commands).toBeLessThan(4 * polls + 20);
  },
);

test("failure 30: clients with the same key prefix notify each other, whatever the Redlocks' own prefix", async () => {
  await using deployment = await Deployment.start(3);
  const options = { ...patient, client: { keyPrefix: 'app:' }, keyPrefix: 'lock:' };
  const [holder, waiter] = [await deployment.redlock(options), await deployment.redlock(options)];
  const monitor = await deployment.monitor(0);
  const held = await holder.acquire(['one', 'two'], TTL);
  const waiting = waiter.acquire(['two', 'three'], WAITER_TTL);
  await isQuiet(monitor);
  expect(await deployment.node(0).probe.exists('app:lock:two')).toBe(1);
  expect(await held.release()).toBe(true);
  expect(await timed(waiting)).toBeLessThan(pace.prompt);
  expect(await (await waiting).release()).toBe(true);
});
