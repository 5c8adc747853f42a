import { describe, expect, test } from '@jest/globals';
import type { Lock, Redlock } from 'redlock-core';
import {
  type ClientOptions,
  Deployment,
  FaultProxy,
  type Major,
  majors,
  pace,
  rejectionOf,
  subscriberIds,
  until,
} from 'test-kit';
import { type Contender, readyContender, readyRedlock } from './support/contender.js';
import { grantsIn, isQuiet, scripts } from './support/scripts.js';
import { timed } from './support/timed.js';

const TTL = 60_000;
/** Of those who wait. No poll is due while a test lasts. */
const WAITER_TTL = 3000;
const patient = { retryDelay: 10 * pace.limit, retryJitter: 0 };

describe.each(majors)('with ioredis $major', ({ major }) => {
  test('failure 22: a release makes one of many waiters ask the nodes, and the others ask nothing', async () => {
    await using deployment = await Deployment.start(3);
    const holder = await readyRedlock(deployment, major);
    const crowd = await readyRedlock(deployment, major, patient);
    const held = await holder.acquire('wanted', TTL);
    const monitors = await Promise.all(
      deployment.nodes.map((_, index) => deployment.monitor(index)),
    );
    const locks: Lock[] = [];
    const waiters = Array.from({ length: 30 }, async () => {
      locks.push(await crowd.acquire('wanted', WAITER_TTL));
    });
    await isQuiet(...monitors);
    const asked = (): Promise<number[]> =>
      Promise.all(monitors.map(async (one) => grantsIn(await scripts(one))));
    const before = await asked();
    // The first one asks, and again when its subscriptions are established, one by one, and once by its poll.
    for (const count of before) expect(count).toBeLessThanOrEqual(5);

    expect(await held.release()).toBe(true);
    await until('one of them has it', () => locks.length === 1, pace.prompt);
    await isQuiet(...monitors);
    for (const [index, count] of (await asked()).entries()) {
      // What it is granted, and tries that came too early for some node.
      expect(count - (before[index] ?? 0)).toBeLessThanOrEqual(4);
    }
    await releaseOneAfterAnother(locks, waiters);
  });

  test('failure 22: waiters at the head of the line who give up hold nobody up', async () => {
    await using deployment = await Deployment.start(3);
    const holder = await readyRedlock(deployment, major);
    const crowd = await readyRedlock(deployment, major, patient);
    const held = await holder.acquire('wanted', TTL);
    const monitor = await deployment.monitor(0);
    const quitter = new AbortController();
    const lastMoment = new AbortController();
    const given = [quitter, quitter, lastMoment, lastMoment].map(({ signal }) =>
      rejectionOf(crowd.acquire('wanted', WAITER_TTL, { signal })),
    );
    const locks: Lock[] = [];
    const waiters = Array.from({ length: 10 }, async () => {
      locks.push(await crowd.acquire('wanted', WAITER_TTL));
    });
    await isQuiet(monitor);
    quitter.abort(new Error('gives up'));
    await isQuiet(monitor);
    const released = held.release();
    lastMoment.abort(new Error('gives up as it is released'));
    await released;
    await until('the next one has it', () => locks.length === 1, pace.prompt);
    expect((await Promise.all(given)).every((reason) => reason instanceof Error)).toBe(true);
    await releaseOneAfterAnother(locks, waiters);
  });

  test('failure 22: a head that gives up while it holds a place behind a local holder holds nobody up', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await readyRedlock(deployment, major, patient);
    const held = await redlock.acquire('wanted', TTL);
    const monitor = await deployment.monitor(0);
    const quitter = new AbortController();
    const given = rejectionOf(redlock.acquire('wanted', WAITER_TTL, { signal: quitter.signal }));
    const next = redlock.acquire('wanted', WAITER_TTL);
    await isQuiet(monitor);
    // It has been given its turn when it goes.
    const released = held.release();
    quitter.abort(new Error('gives up'));
    expect(await released).toBe(true);
    expect(await given).toBe(quitter.signal.reason);
    expect(await timed(next)).toBeLessThan(pace.prompt);
    expect(await (await next).release()).toBe(true);
    await until('nothing is left', () => deployment.isGone('wanted'));
  });

  test.each([3, 5])(
    'failure 23: of ten who try once for a free resource on %d nodes in the same moment, one gets it',
    async (count) => {
      await using deployment = await Deployment.start(count);
      const proxies = await Promise.all(Array.from({ length: 10 }, () => ownProxies(deployment)));
      const contenders = await Promise.all(
        proxies.map((through) => readyRedlock(deployment, major, { through })),
      );
      for (let round = 0; round < 20; round++) {
        // Each is first somewhere, and the votes are shared out.
        for (const proxy of proxies.flat()) proxy.delay(Math.random() * 4);
        const tries = await Promise.all(contenders.map((one) => one.tryAcquire('nightly', TTL)));
        const [lock, ...others] = tries.filter((one) => one !== null);
        expect(others).toEqual([]);
        expect(lock).toBeDefined();
        expect(await lock?.release()).toBe(true);
        await until('it is free again', () => deployment.isGone('nightly'));
      }
    },
  );

  test.each([
    { holder: [0, 1], waiter: [0, 2] },
    { holder: [1, 2], waiter: [1, 0] },
    { holder: [2, 0], waiter: [2, 1] },
  ])(
    'failure 24: a waiter that reaches nodes $waiter is called by a release on nodes $holder',
    async (reach) => {
      await using deployment = await Deployment.start(3);
      const holder = await reaching(deployment, major, reach.holder);
      // Its own clean-up calls nobody.
      for (const probe of deployment.probes) {
        await probe.call('ACL', 'SETUSER', 'mute', 'on', '>pw', '~*', '&*', '+@all', '-publish');
      }
      const mute = { username: 'mute', password: 'pw' };
      const waiter = await reaching(deployment, major, reach.waiter, mute);
      const held = await holder.acquire('halved', TTL, { wait: 0 });
      const [common = 0, only = 0] = reach.waiter;
      const monitors = [await deployment.monitor(common), await deployment.monitor(only)];
      const waiting = waiter.acquire('halved', WAITER_TTL);
      await until('it listens where it can', async () => {
        const probes = reach.waiter.map((index) => deployment.node(index).probe);
        const listening = await Promise.all(probes.map((probe) => subscriberIds(probe)));
        return listening.every((ids) => ids.length === 1);
      });
      await isQuiet(...monitors);
      expect(await held.release()).toBe(true);
      expect(await timed(waiting)).toBeLessThan(pace.prompt);
      const lock = await waiting;
      expect(await lock.release()).toBe(true);
      await until('nothing is left', () => deployment.isGone('halved'));
    },
  );

  test('failure 24: a waiter refused for a minority of foreign keys and silent nodes wakes for a call', async () => {
    await using deployment = await Deployment.start(5);
    // Two nodes hold it for somebody, one does not answer: two grants are no quorum.
    const [first, second] = deployment.probes;
    await first?.set('halved', 'other', 'PX', TTL);
    await second?.set('halved', 'other', 'PX', TTL);
    const waiter = await reaching(deployment, major, [0, 1, 2, 3]);
    const monitor = await deployment.monitor(0);
    const waiting = waiter.acquire('halved', WAITER_TTL);
    await until('it listens', async () => {
      const listening = await Promise.all(deployment.probes.slice(0, 4).map(subscriberIds));
      return listening.every((ids) => ids.length === 1);
    });
    await isQuiet(monitor);
    // What the release of another process does.
    await first?.del('halved');
    const channels = await first?.pubsub('CHANNELS', 'halved:called:*');
    const [channel = ''] = (channels as string[] | undefined) ?? [];
    expect(await first?.publish(channel, 'called')).toBe(1);
    expect(await timed(waiting)).toBeLessThan(pace.prompt);
    expect(await (await waiting).release()).toBe(true);
    expect(await second?.get('halved')).toBe('other');
  });

  test.each([{ wanted: ['a', 'b'] }, { wanted: ['b', 'a'] }])(
    'failure 29: whoever holds a gets b although somebody waits for $wanted',
    async ({ wanted }) => {
      await using deployment = await Deployment.start(3);
      const redlock = await readyRedlock(deployment, major, patient);
      const monitor = await deployment.monitor(0);
      const a = await redlock.acquire('a', TTL);
      const both = redlock.acquire(wanted, WAITER_TTL);
      await isQuiet(monitor);
      const nested = redlock.acquire('b', TTL);
      expect(await timed(nested)).toBeLessThan(pace.prompt);
      const b = await nested;
      expect(await b.release()).toBe(true);
      expect(await a.release()).toBe(true);
      expect(await timed(both)).toBeLessThan(pace.prompt);
      const lock = await both;
      expect(lock.resources).toEqual(wanted);
      expect(await lock.release()).toBe(true);
    },
  );

  test('failure 29: a waiter that has what denied it and is denied another resource waits in that line', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await readyRedlock(deployment, major, patient);
    const other = await readyRedlock(deployment, major, patient);
    const monitor = await deployment.monitor(0);
    const a = await redlock.acquire('a', TTL);
    const both = redlock.acquire(['a', 'b'], WAITER_TTL);
    await isQuiet(monitor);
    const b = await other.acquire('b', TTL);
    expect(await a.release()).toBe(true);
    await isQuiet(monitor);
    // It does not stand in the line of a any more.
    const single = redlock.acquire('a', TTL);
    expect(await timed(single)).toBeLessThan(pace.prompt);
    expect(await b.release()).toBe(true);
    await isQuiet(monitor);
    expect(await (await single).release()).toBe(true);
    expect(await timed(both)).toBeLessThan(pace.prompt);
    expect(await (await both).release()).toBe(true);
  });

  test.each([
    { rights: 'no channel', acl: ['+@all', 'resetchannels'] },
    { rights: 'no SUBSCRIBE', acl: ['+@all', '&*', '-subscribe'] },
    { rights: 'no PUBLISH', acl: ['+@all', '&*', '-publish'] },
    { rights: 'no pub/sub', acl: ['+@all', '&*', '-@pubsub'] },
  ])(
    'failure 30: a user with rights to $rights releases with success, and waits by polling',
    async ({ acl }) => {
      await using deployment = await Deployment.start(3);
      for (const probe of deployment.probes) {
        await probe.call('ACL', 'SETUSER', 'limited', 'on', '>pw', '~*', ...acl);
      }
      const client = { username: 'limited', password: 'pw' };
      const options = { client, retryDelay: 50, retryJitter: 0 };
      const holder = await readyRedlock(deployment, major, options);
      const waiter = await readyRedlock(deployment, major, options);
      const monitor = await deployment.monitor(0);
      const held = await holder.acquire('quiet', TTL);
      let polls = 0;
      waiter.on('contended', () => polls++);
      const waiting = waiter.acquire('quiet', TTL);
      await until('it has polled', () => polls > 3);
      expect(await held.release()).toBe(true);
      const lock = await waiting;
      expect(await lock.release()).toBe(true);
      // Within the process nobody needs to be called.
      const [next, last] = [waiter.acquire('quiet', TTL), waiter.acquire('quiet', TTL)];
      expect(await (await next).release()).toBe(true);
      expect(await (await last).release()).toBe(true);
      await until('nothing is left', () => deployment.isGone('quiet'));
      // No hot loop: fifty ms or more between two polls.
      expect((await scripts(monitor)).length).toBeLessThan(4 * polls + 20);
    },
  );

  test("failure 30: clients with one key prefix wake each other, whatever the Redlocks' own prefix", async () => {
    await using deployment = await Deployment.start(3);
    const options = { ...patient, client: { keyPrefix: 'app:' }, keyPrefix: 'lock:' };
    const holder = await readyRedlock(deployment, major, options);
    const waiter = await readyRedlock(deployment, major, options);
    const monitor = await deployment.monitor(0);
    const held = await holder.acquire(['one', 'two'], TTL);
    const waiting = waiter.acquire(['two', 'three'], WAITER_TTL);
    await isQuiet(monitor);
    expect(await deployment.node(0).probe.exists('app:lock:two')).toBe(1);
    expect(await held.release()).toBe(true);
    expect(await timed(waiting)).toBeLessThan(pace.prompt);
    expect(await (await waiting).release()).toBe(true);
  });
});

/** A proxy of its own to each server. */
async function ownProxies(deployment: Deployment): Promise<FaultProxy[]> {
  const proxies = await Promise.all(deployment.nodes.map(({ server }) => FaultProxy.start(server)));
  for (const proxy of proxies) deployment.defer(() => proxy.close());
  return proxies;
}

/** A connected Redlock from which some of the nodes are then out of reach. */
async function reaching(
  deployment: Deployment,
  major: Major,
  indexes: readonly number[],
  client: ClientOptions = {},
): Promise<Redlock> {
  const proxies = await ownProxies(deployment);
  const contender: Contender = await readyContender(deployment, major, {
    ...patient,
    client,
    through: proxies,
    hastyAt: proxies.flatMap((_, index) => (indexes.includes(index) ? [] : [index])),
  });
  for (const [index, proxy] of proxies.entries()) if (!indexes.includes(index)) proxy.refuse();
  return contender.redlock;
}

/** All of them get their turn, one at a time. */
async function releaseOneAfterAnother(
  locks: readonly Lock[],
  waiters: readonly Promise<void>[],
): Promise<void> {
  for (let position = 0; position < waiters.length; position++) {
    await until(`lock ${position} is granted`, () => locks.length > position);
    expect(locks).toHaveLength(position + 1);
    expect(await locks[position]?.release()).toBe(true);
  }
  await Promise.all(waiters);
}
