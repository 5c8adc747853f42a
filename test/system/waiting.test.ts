import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { Redlock } from 'redlock-core';
import { Deployment, killSubscribers, pace, rejectionOf, subscriberIds, until } from 'test-kit';
import { ioredisNodeFromUrl } from 'redlock-ioredis-adapter';
import { timed } from './support/timed.js';
import { countAt, isQuiet } from './support/traffic.js';
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

/** Subscriptions outlive the last waiter by a second. */
async function noSubscriptions(deployment: Deployment): Promise<void> {
  await until('no subscription is left', async () => {
    const ids = await Promise.all(deployment.probes.map((probe) => subscriberIds(probe)));
    return ids.flat().length === 0;
  });
}
