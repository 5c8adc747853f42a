import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { Redlock } from 'redlock-core';
import {
  Actor,
  Deployment,
  killSubscribers,
  pace,
  rejectionOf,
  repeatedAfterStall,
  subscriberIds,
  until,
} from 'test-kit';
import { ioredisNodeFromUrl } from 'redlock-ioredis-adapter';
import { timed } from './support/timed.js';
import { commandsAt, countAt, isQuiet } from './support/traffic.js';
import { untilWaiting } from './support/waiters.js';

const TTL = 60_000;
/** Waiters are woken by notifications, not by polls. */
const patient = { wait: 2 * pace.limit, pollInterval: 10 * pace.limit };

test.each([1, 3])(
  'on %d nodes, a released lock goes to a waiter of another process, whenever that began to wait',
  async (count) => {
    await using deployment = await Deployment.start(count);
    let [holder, waiter] = [await deployment.redlock(patient), await deployment.redlock(patient)];
    let held = await holder.acquire('handed', TTL);
    for (let i = 0; i < 10; i++) {
      const waiting = waiter.acquire('handed', TTL);
      // The release comes before the first attempt, between that and the subscriptions, or while the waiter sleeps.
      await sleep(i * 6);
      const released = held.release();
      expect(await timed(waiting)).toBeLessThan(pace.prompt);
      expect(await released).toBe(true);
      held = await waiting;
      [holder, waiter] = [waiter, holder];
    }
  },
);

test(
  'processes get the lock in the order in which they began to wait',
  repeatedAfterStall(async () => {
    await using deployment = await Deployment.start(3);
    const holder = await deployment.redlock();
    const resource = `r${performance.now()}`;
    const held = await holder.acquire(resource, TTL);
    const served: number[] = [];
    const turns: Promise<void>[] = [];
    for (let index = 0; index < 5; index++) {
      const redlock = await deployment.redlock(patient);
      turns.push(redlock.using(resource, TTL, () => void served.push(index)));
      await untilWaiting(holder, resource, index + 1);
    }
    expect(await held.release()).toBe(true);
    await Promise.all(turns);
    expect(served).toEqual([0, 1, 2, 3, 4]);
    expect(await holder.inspect(resource)).toMatchObject({ waiting: 0 });
  }),
);

test('a release passes over a waiting process that was killed', async () => {
  await using deployment = await Deployment.start(3);
  const holder = await deployment.redlock();
  const held = await holder.acquire('r', TTL);
  const dead = await Actor.start(deployment, { options: patient });
  void dead.acquire('r', TTL);
  await untilWaiting(holder, 'r', 1);
  const waiter = await deployment.redlock(patient);
  const waiting = waiter.acquire('r', TTL);
  await untilWaiting(holder, 'r', 2);
  await dead.kill();
  expect(await held.release()).toBe(true);
  expect(await timed(waiting)).toBeLessThan(pace.prompt);
  expect(await (await waiting).release()).toBe(true);
});

test('a waiter sleeps on when the lock is extended, and wakes when it is released', async () => {
  await using deployment = await Deployment.start(3);
  const [holder, waiter] = [await deployment.redlock(), await deployment.redlock(patient)];
  const monitor = await deployment.monitor(0);
  const held = await holder.acquire('longer', pace.ttl);
  const waiting = waiter.acquire('longer', TTL);
  await isQuiet(monitor);
  await held.extend(TTL);
  const before = (await commandsAt(monitor)).length;
  await until('it has looked whether the first ttl was the last', async () => {
    return (await commandsAt(monitor)).length > before;
  });
  await isQuiet(monitor);
  expect(held.remaining()).toBeGreaterThan(0);
  expect(await held.release()).toBe(true);
  expect(await timed(waiting)).toBeLessThan(pace.prompt);
  expect(await (await waiting).release()).toBe(true);
});

test('a waiter for two locks of two holders holds neither until both are released', async () => {
  await using deployment = await Deployment.start(3);
  const [one, two] = [await deployment.redlock(), await deployment.redlock()];
  const waiter = await deployment.redlock(patient);
  const monitor = await deployment.monitor(0);
  const [a, b] = [await one.acquire('a', TTL), await two.acquire('b', TTL)];
  const waiting = waiter.acquire(['a', 'b'], TTL);
  await isQuiet(monitor);
  expect(await a.release()).toBe(true);
  await isQuiet(monitor);
  expect(await deployment.isGone('a')).toBe(true);
  expect(await b.release()).toBe(true);
  expect(await timed(waiting)).toBeLessThan(pace.prompt);
  expect(await (await waiting).release()).toBe(true);
});

test('five processes all get their turns while all subscriptions are killed again and again', async () => {
  await using deployment = await Deployment.start(3);
  const contenders = await Promise.all(
    Array.from({ length: 5 }, () => deployment.redlock(patient)),
  );
  let [inside, overlaps, kills] = [0, 0, 0];
  const turns = new Map<Redlock, number>();
  const killer = setInterval(() => {
    kills++;
    for (const probe of deployment.probes) void killSubscribers(probe);
  }, 50);
  deployment.defer(() => clearInterval(killer));
  const work = async (redlock: Redlock): Promise<void> => {
    for (let i = 0; i < 5; i++) {
      await redlock.using('shared', TTL, async () => {
        if (++inside > 1) overlaps++;
        await sleep(Math.random() * 15);
        inside--;
      });
      turns.set(redlock, (turns.get(redlock) ?? 0) + 1);
    }
  };
  await Promise.all(contenders.flatMap((redlock) => [work(redlock), work(redlock)]));
  clearInterval(killer);
  expect(kills).toBeGreaterThan(5);
  expect(overlaps).toBe(0);
  expect([...turns.values()]).toEqual(Array(5).fill(10));
  await until('nothing is left', () => deployment.isGone('shared'));
});

test('a released lock goes to a waiter although one node restarted while it waited', async () => {
  await using deployment = await Deployment.start(3);
  const [holder, waiter] = [await deployment.redlock(), await deployment.redlock(patient)];
  const monitor = await deployment.monitor(0);
  const held = await holder.acquire('handed', TTL);
  const waiting = waiter.acquire('handed', TTL);
  await isQuiet(monitor);
  const { server } = deployment.node(2);
  await server.kill();
  await server.start();
  await isQuiet(monitor);
  await held.release();
  expect(await timed(waiting)).toBeLessThan(pace.prompt);
  expect(await (await waiting).release()).toBe(true);
});

test('cost: fifty waiters of one process get the lock by arrival, with at most three commands for two of them', async () => {
  await using deployment = await Deployment.start(3);
  const redlock = await deployment.redlock(patient);
  const monitors = await Promise.all(deployment.nodes.map((_, at) => deployment.monitor(at)));
  const order: number[] = [];
  const arrivals = Array.from({ length: 50 }, (_, arrival) => arrival);
  const turn = (arrival: number): Promise<void> =>
    redlock.using('busy', TTL, async () => {
      order.push(arrival);
      await sleep(1);
    });
  await Promise.all(arrivals.map(turn));
  expect(order).toEqual(arrivals);
  for (const commands of await countAt(monitors)) expect(commands).toBeLessThanOrEqual(75);
});

test('a process in which many calls wait hands the lock on to a process that waits', async () => {
  await using deployment = await Deployment.start(3);
  const [crowded, lonely] = [await deployment.redlock(patient), await deployment.redlock(patient)];
  const held = await crowded.acquire('shared', TTL);
  const served: string[] = [];
  const join = (redlock: Redlock, name: string): Promise<void> =>
    redlock.using('shared', TTL, async () => {
      served.push(name);
      await sleep(20);
    });
  const early = join(crowded, 'early');
  const one = join(lonely, 'one');
  await untilWaiting(crowded, 'shared', 2);
  const late = Array.from({ length: 40 }, () => join(crowded, 'late'));
  await held.release();
  await Promise.all([early, one, ...late]);
  expect(served).toHaveLength(42);
  // The crowd hands the lock to itself for 100 ms, which five of it fill.
  expect(served.indexOf('one')).toBeLessThan(12);
});

test('after contention has ended, nothing is sent and no subscription is left', async () => {
  await using deployment = await Deployment.start(3);
  const contenders = [await deployment.redlock(patient), await deployment.redlock(patient)];
  await Promise.all(
    contenders.map(async (redlock) => {
      for (let i = 0; i < 5; i++) await redlock.using('shared', TTL, () => sleep(2));
    }),
  );
  await noSubscriptions(deployment);
  const monitors = await Promise.all(deployment.nodes.map((_, at) => deployment.monitor(at)));
  await isQuiet(...monitors);
  expect(await countAt(monitors)).toEqual([0, 0, 0]);
  expect(deployment.nodes.map(({ proxy }) => proxy.connections)).toEqual([2, 2, 2]);
});

test('canceled waiters leave no key, no queue entry and no subscription', async () => {
  await using deployment = await Deployment.start(3);
  const [holder, redlock] = [await deployment.redlock(), await deployment.redlock(patient)];
  const held = await holder.acquire('held', TTL);
  const canceller = new AbortController();
  const { signal } = canceller;
  const waiting = ['held', 'held', ['free', 'held']].map((resources) =>
    rejectionOf(redlock.acquire(resources, TTL, { signal })),
  );
  // One entry for each set of keys.
  await untilWaiting(holder, 'held', 2);
  canceller.abort(new Error('no longer wanted'));
  for (const reason of await Promise.all(waiting)) expect(reason).toBe(signal.reason);
  await untilWaiting(holder, 'held', 0);
  await noSubscriptions(deployment);
  expect(await deployment.isGone('free')).toBe(true);
  expect(await held.release()).toBe(true);
  await until('nothing is left', () => deployment.isGone('held'));
});

test('close removes the process from the queues, also if a caller has just given up, and closes its own clients', async () => {
  await using deployment = await Deployment.start(3);
  const holder = await deployment.redlock();
  await holder.acquire('held', TTL);
  for (const reason of [null, new Error('no longer wanted')]) {
    const nodes = deployment.urls.map((url) => ioredisNodeFromUrl(url));
    const redlock = new Redlock(nodes, { ...patient, nodeTimeout: pace.patient });
    const caller = new AbortController();
    const waiting = rejectionOf(redlock.acquire('held', TTL, { signal: caller.signal }));
    await untilWaiting(holder, 'held', 1);
    if (reason) caller.abort(reason);
    await redlock.close();
    if (reason) expect(await waiting).toBe(reason);
    else expect(await waiting).toMatchObject({ code: 'CLOSED' });
    await untilWaiting(holder, 'held', 0);
  }
  await noSubscriptions(deployment);
});

test('a process that waits is woken by the release of any permit, and gets that permit', async () => {
  await using deployment = await Deployment.start(3);
  const holder = await deployment.redlock();
  const permits = holder.semaphore('seats', 3);
  const locks = [
    await permits.acquire(TTL),
    await permits.acquire(TTL),
    await permits.acquire(TTL),
  ];
  const waiter = (await deployment.redlock(patient)).semaphore('seats', 3);
  const monitor = await deployment.monitor(0);
  for (const lock of locks) {
    const waiting = waiter.acquire(TTL);
    await isQuiet(monitor);
    await lock.release();
    expect((await waiting).permit).toBe(lock.permit);
  }
});

/** Subscriptions outlive the last waiter by a second. */
async function noSubscriptions(deployment: Deployment): Promise<void> {
  await until('no subscription is left', async () => {
    const ids = await Promise.all(deployment.probes.map((probe) => subscriberIds(probe)));
    return ids.flat().length === 0;
  });
}
