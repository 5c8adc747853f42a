import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { Redlock, RedlockError, ResourceLockedError } from 'redlock-core';
import {
  type CommandMonitor,
  Deployment,
  killSubscribers,
  majors,
  pace,
  rejectionOf,
  subscriberIds,
  until,
} from 'test-kit';
import { ioredisNodeFromUrl } from 'redlock-ioredis-adapter';
import { readyRedlock } from './support/contender.js';
import { untilQueued } from './support/queues.js';
import { isQuiet, scripts } from './support/scripts.js';
import { timed } from './support/timed.js';

const TTL = 60_000;
const WAITER_TTL = 3000;
/** What wakes a waiter is no poll. */
const patient = { wait: 2 * pace.limit, retryDelay: 10 * pace.limit, retryJitter: 0 };
const aDenial: unknown = expect.objectContaining({ vote: 'denied' });

afterEach(() => {
  jest.useRealTimers();
});

describe.each(majors)('with ioredis $major', ({ major }) => {
  test('a lock that is released goes to who waits elsewhere, whenever that has come', async () => {
    await using deployment = await Deployment.start(3);
    const contenders = [
      await readyRedlock(deployment, major, patient),
      await readyRedlock(deployment, major, patient),
    ];
    let [holder, waiter] = contenders as [Redlock, Redlock];
    let held = await holder.acquire('handed', TTL);
    const durations: number[] = [];
    for (let i = 0; i < 20; i++) {
      const waiting = waiter.acquire('handed', TTL);
      // Before its first try, between that and its subscriptions, or when it sleeps.
      await sleep(i * 3);
      const released = held.release();
      durations.push(await timed(waiting));
      expect(await released).toBe(true);
      held = await waiting;
      [holder, waiter] = [waiter, holder];
    }
    expect(Math.max(...durations)).toBeLessThan(pace.prompt);
  });

  test('a waiter sleeps on when the lock is extended, and wakes when it is released', async () => {
    await using deployment = await Deployment.start(3);
    const holder = await readyRedlock(deployment, major);
    const waiter = await readyRedlock(deployment, major, patient);
    const monitor = await deployment.monitor(0);
    const held = await holder.acquire('longer', pace.ttl);
    const waiting = waiter.acquire('longer', WAITER_TTL);
    await isQuiet(monitor);
    await held.extend(TTL);
    const before = (await scripts(monitor)).length;
    await until('it has looked whether the ttl is over', async () => {
      return (await scripts(monitor)).length > before;
    });
    await isQuiet(monitor);
    expect(held.remaining()).toBeGreaterThan(0);
    expect(await held.release()).toBe(true);
    expect(await timed(waiting)).toBeLessThan(pace.prompt);
    expect(await (await waiting).release()).toBe(true);
  });

  test.each([
    { held: ['a', 'b', 'c'], wanted: ['a', 'b', 'c'] },
    { held: ['a', 'b', 'c'], wanted: ['c', 'b'] },
    { held: ['b'], wanted: ['a', 'b', 'c'] },
    { held: ['a', 'c'], wanted: ['c'] },
  ])('a lock on $held is handed to who waits for $wanted', async ({ held, wanted }) => {
    await using deployment = await Deployment.start(3);
    const holder = await readyRedlock(deployment, major);
    const waiter = await readyRedlock(deployment, major, patient);
    const monitor = await deployment.monitor(0);
    const lock = await holder.acquire(held, TTL);
    const waiting = waiter.acquire(wanted, WAITER_TTL);
    await isQuiet(monitor);
    expect(await lock.release()).toBe(true);
    expect(await timed(waiting)).toBeLessThan(pace.prompt);
    expect(await (await waiting).release()).toBe(true);
  });

  test('who waits for two locks of two holders has both when the second is released', async () => {
    await using deployment = await Deployment.start(3);
    const holders = [await readyRedlock(deployment, major), await readyRedlock(deployment, major)];
    const waiter = await readyRedlock(deployment, major, patient);
    const monitor = await deployment.monitor(0);
    const a = await holders[0]?.acquire('a', TTL);
    const b = await holders[1]?.acquire('b', TTL);
    const waiting = waiter.acquire(['a', 'b'], WAITER_TTL);
    await isQuiet(monitor);
    expect(await a?.release()).toBe(true);
    await isQuiet(monitor);
    // All or nothing: meanwhile it holds nothing.
    expect(await deployment.isGone('a')).toBe(true);
    expect(await b?.release()).toBe(true);
    expect(await timed(waiting)).toBeLessThan(pace.prompt);
    expect(await (await waiting).release()).toBe(true);
  });

  test('everybody has the lock in turn while all subscriptions are killed again and again', async () => {
    await using deployment = await Deployment.start(3);
    const contenders = await Promise.all(
      Array.from({ length: 5 }, () => readyRedlock(deployment, major, patient)),
    );
    let inside = 0;
    const overlaps: number[] = [];
    const turns = new Map<Redlock, number>();
    let kills = 0;
    const killer = setInterval(() => {
      kills++;
      for (const probe of deployment.probes) void killSubscribers(probe);
    }, 50);
    deployment.defer(() => clearInterval(killer));
    const work = async (redlock: Redlock): Promise<void> => {
      for (let i = 0; i < 8; i++) {
        await redlock.using('shared', TTL, async () => {
          if (++inside > 1) overlaps.push(inside);
          await sleep(Math.random() * 15);
          inside--;
        });
        turns.set(redlock, (turns.get(redlock) ?? 0) + 1);
      }
    };
    await Promise.all(contenders.flatMap((redlock) => [work(redlock), work(redlock)]));
    clearInterval(killer);
    expect(kills).toBeGreaterThan(5);
    expect(overlaps).toEqual([]);
    expect([...turns.values()]).toEqual(Array(5).fill(16));
    await until('nothing is left', () => deployment.isGone('shared'));
  });

  test('a lock goes round when one node is restarted while somebody waits', async () => {
    await using deployment = await Deployment.start(3);
    const holder = await readyRedlock(deployment, major);
    const waiter = await readyRedlock(deployment, major, patient);
    const monitor = await deployment.monitor(0);
    const held = await holder.acquire('handed', TTL);
    const waiting = waiter.acquire('handed', WAITER_TTL);
    await isQuiet(monitor);
    const { server } = deployment.node(2);
    await server.kill();
    await server.start();
    await isQuiet(monitor);
    await held.release();
    expect(await timed(waiting)).toBeLessThan(pace.prompt);
    expect(await (await waiting).release()).toBe(true);
  });

  test('fifty waiters of one process have the lock by arrival, at hardly more than a command each', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await readyRedlock(deployment, major, patient);
    const monitors = await Promise.all(
      deployment.nodes.map((_, index) => deployment.monitor(index)),
    );
    const order: number[] = [];
    const arrivals = Array.from({ length: 50 }, (_, arrival) => arrival);
    await Promise.all(
      arrivals.map((arrival) =>
        redlock.using('busy', TTL, async () => {
          order.push(arrival);
          await sleep(1);
        }),
      ),
    );
    expect(order).toEqual(arrivals);
    for (const monitor of monitors) {
      expect((await scripts(monitor)).length).toBeLessThanOrEqual(75);
    }
  });

  test('a crowd lets a process that waits have its turn before those who come later', async () => {
    await using deployment = await Deployment.start(3);
    const crowded = await readyRedlock(deployment, major, patient);
    const lonely = await readyRedlock(deployment, major, patient);
    const held = await crowded.acquire('shared', TTL);
    const handed = crowded.acquire('shared', TTL);
    const served: string[] = [];
    const join = (redlock: Redlock, name: string): Promise<void> =>
      redlock.using('shared', TTL, () => void served.push(name));
    const join10 = (name: string) => Array.from({ length: 10 }, () => join(crowded, name));
    const early = join10('early');
    const one = join(lonely, 'one');
    await until('it stands in the queue', async () => {
      return (await crowded.inspect('shared')).waiting > 0;
    });
    const late = [...join10('late'), ...join10('late'), ...join10('late'), ...join10('late')];
    await held.release();
    await until('nodes can call both', async () => {
      const listening = await Promise.all(deployment.probes.map((probe) => subscriberIds(probe)));
      return listening.every((ids) => ids.length === 2);
    });
    await (await handed).release();
    await Promise.all([...early, one, ...late]);
    expect(served).toHaveLength(51);
    expect(served.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 'early'));
    // The crowd hands the lock on 16 times in a row. The first of its waiters then are early ones, which come before.
    expect(served.indexOf('one')).toBeLessThan(10 + 2 * 16 + 1);
  });

  test('nothing is sent and nobody subscribes any more once contention is over', async () => {
    await using deployment = await Deployment.start(3);
    const contenders = await Promise.all(
      Array.from({ length: 3 }, () => readyRedlock(deployment, major, patient)),
    );
    await Promise.all(
      contenders.map(async (redlock) => {
        for (let i = 0; i < 5; i++) await redlock.using('shared', TTL, () => sleep(2));
      }),
    );
    await nobodySubscribes(deployment);
    const monitors = await Promise.all(
      deployment.nodes.map((_, index) => deployment.monitor(index)),
    );
    await sleep(1500);
    for (const monitor of monitors) expect(await commands(monitor)).toEqual([]);
    expect(deployment.nodes.map(({ proxy }) => proxy.connections)).toEqual([3, 3, 3]);
  });

  test('nothing is sent while somebody sleeps on a lock that is held, but for pings', async () => {
    await using deployment = await Deployment.start(3);
    const holder = await readyRedlock(deployment, major);
    const waiters = [
      await readyRedlock(deployment, major, patient),
      await readyRedlock(deployment, major, patient),
    ];
    const held = await holder.acquire('held', TTL);
    const monitor = await deployment.monitor(0);
    const waiting = waiters.flatMap((one) => [one.acquire('held', TTL), one.acquire('held', TTL)]);
    await isQuiet(monitor);
    const before = await commands(monitor);
    await sleep(1500);
    expect(await commands(monitor)).toEqual(before);
    expect(await held.release()).toBe(true);
    await Promise.all(waiting.map(async (one) => (await one).release()));
  });

  test('whoever can be called polls less often', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await readyRedlock(deployment, major, { retryDelay: 100, retryJitter: 0 });
    for (const probe of deployment.probes) await probe.set('held', 'other', 'PX', TTL);
    const tries: number[] = [];
    const canceller = new AbortController();
    const { signal } = canceller;
    redlock.on('contended', () => tries.push(performance.now()));
    const waiting = rejectionOf(redlock.acquire('held', TTL, { signal }));
    // Some at first, until the subscriptions are confirmed, then one every 250 ms.
    await until('it has tried often', () => tries.length >= 9);
    canceller.abort();
    await waiting;
    const intervals = tries.slice(-3).map((time, index) => time - (tries.at(index - 4) ?? 0));
    for (const interval of intervals) expect(interval).toBeGreaterThan(245);
  });

  test('waiters who are cancelled leave no key and no subscription', async () => {
    await using deployment = await Deployment.start(5);
    const minority = deployment.probes.slice(0, 3);
    for (const probe of minority) await probe.set('held', 'other', 'PX', TTL);
    const redlock = await readyRedlock(deployment, major, patient);
    const monitor = await deployment.monitor(4);
    const canceller = new AbortController();
    const { signal } = canceller;
    const waiting = ['held', 'held', ['free', 'held']].map((resources) =>
      rejectionOf(redlock.acquire(resources, WAITER_TTL, { signal })),
    );
    await isQuiet(monitor);
    canceller.abort(new Error('no longer wanted'));
    for (const reason of await Promise.all(waiting)) expect(reason).toBe(signal.reason);
    await nobodySubscribes(deployment);
    await until('nothing is left', async () => {
      const others = await deployment.isGone('held', deployment.probes.slice(3));
      return others && deployment.isGone('free');
    });
    await until('no connection is left but the first', () => {
      return deployment.nodes.every(({ proxy }) => proxy.connections === 1);
    });
    // As if they had never been.
    for (const probe of minority) await probe.del('held');
    expect(await (await redlock.acquire('held', TTL)).release()).toBe(true);
  });

  test('whoever waits in vain is told who was in the way, when the time is over', async () => {
    await using deployment = await Deployment.start(3);
    const holder = await readyRedlock(deployment, major);
    const redlock = await readyRedlock(deployment, major, patient);
    const held = await holder.acquire('held', TTL);
    const refused = Promise.all(
      [300, 300, 300].map((wait) => rejectionOf(redlock.acquire('held', TTL, { wait }))),
    );
    expect(await timed(refused)).toBeLessThan(pace.prompt);
    for (const error of await refused) {
      expect(error).toBeInstanceOf(ResourceLockedError);
      expect(error).toMatchObject({ votes: expect.arrayContaining([aDenial]) });
    }
    await nobodySubscribes(deployment);
    expect(await held.release()).toBe(true);
  });

  test('close ends waiting and subscriptions at once', async () => {
    await using deployment = await Deployment.start(3);
    const holder = await readyRedlock(deployment, major);
    const redlock = await readyRedlock(deployment, major, patient);
    const monitor = await deployment.monitor(0);
    await holder.acquire('held', TTL);
    const waiting = [1, 2].map(() => rejectionOf(redlock.acquire('held', WAITER_TTL)));
    await isQuiet(monitor);
    // Without close() a timer would end the subscriptions a second after the last waiter.
    stopTimers();
    await redlock.close();
    for (const error of await Promise.all(waiting)) {
      expect(RedlockError.is(error)).toBe(true);
      expect(error).toMatchObject({ code: 'CLOSED' });
    }
    await nobodySubscribes(deployment);
  });

  test('close takes the process out of the queues, also where it closes the clients', async () => {
    await using deployment = await Deployment.start(3);
    const holder = await readyRedlock(deployment, major);
    const nodes = deployment.urls.map((url) => ioredisNodeFromUrl(url));
    const redlock = new Redlock(nodes, { ...patient, nodeTimeout: pace.patient });
    await holder.acquire('held', TTL);
    const waiting = rejectionOf(redlock.acquire('held', WAITER_TTL));
    await untilQueued(deployment, '{held}:waiting', 1);
    await redlock.close();
    expect(await waiting).toMatchObject({ code: 'CLOSED' });
    // Their keys would live for longer than this waits.
    await untilQueued(deployment, '{held}:waiting', 0);
  });

  test('close leaves time to leave the queues to a caller that has just given up', async () => {
    await using deployment = await Deployment.start(3);
    const holder = await readyRedlock(deployment, major);
    await holder.acquire('held', TTL);
    // Most often a quorum answers, and one node is left behind.
    for (let left = 5; left > 0; left--) {
      const nodes = deployment.urls.map((url) => ioredisNodeFromUrl(url));
      const redlock = new Redlock(nodes, { ...patient, nodeTimeout: pace.patient });
      const caller = new AbortController();
      const waiting = rejectionOf(redlock.acquire('held', WAITER_TTL, { signal: caller.signal }));
      await untilQueued(deployment, '{held}:waiting', 1);
      caller.abort(new Error('no longer wanted'));
      await waiting;
      await redlock.close();
      await untilQueued(deployment, '{held}:waiting', 0);
    }
  });
});

/** Subscriptions outlive the last waiter for a second. */
async function nobodySubscribes(deployment: Deployment): Promise<void> {
  await until('no subscription is left', async () => {
    const ids = await Promise.all(deployment.probes.map((probe) => subscriberIds(probe)));
    return ids.flat().length === 0;
  });
}

/** From here on no timer is set that fires: nothing that would happen later by itself happens. */
function stopTimers(): void {
  const others = ['Date', 'hrtime', 'nextTick', 'performance', 'queueMicrotask'] as const;
  const immediates = ['setImmediate', 'clearImmediate'] as const;
  const intervals = ['setInterval', 'clearInterval', 'clearTimeout'] as const;
  jest.useFakeTimers({ doNotFake: [...others, ...immediates, ...intervals] });
}

/** What a server was asked by others than this test, except whether it still answers. */
async function commands(monitor: CommandMonitor): Promise<string[]> {
  await monitor.settle();
  return monitor.commands().filter((command) => !/^"ping"/i.test(command));
}
