import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { LockLostError, QuorumError, RedlockError } from 'redlock-core';
import { Deployment, majors, pace, rejectionOf, until } from 'test-kit';
import { aborted } from './support/aborted.js';
import { readyContender, readyRedlock } from './support/contender.js';
import { untilExtended } from './support/extension.js';

const TTL = 60_000;

afterEach(() => {
  jest.restoreAllMocks();
});

/** Sets the wall clock forward, or back. */
function shiftWallClock(ms: number): void {
  const now = Date.now.bind(Date);
  jest.spyOn(Date, 'now').mockImplementation(() => now() + ms);
}

describe.each(majors)('with ioredis $major', ({ major }) => {
  test('failure 7: a key stolen on a majority aborts the signal at the next extension, with another node silent', async () => {
    await using deployment = await Deployment.start(5);
    const redlock = await readyRedlock(deployment, major, { nodeTimeout: pace.patient });
    const lock = await redlock.acquire('stolen', pace.ttl, { autoExtend: true });
    const { signal } = lock;
    deployment.node(4).proxy.blackHole();
    for (const probe of deployment.probes.slice(0, 3))
      await probe.set('stolen', 'thief', 'PX', TTL);
    // An extension that waited for the silent node would go on until validity ends, and that is no TAKEN.
    expect(await aborted(signal)).toMatchObject({ code: 'LOCK_LOST', cause: { code: 'TAKEN' } });
    expect(lock.remaining()).toBe(0);
    expect(await lock.release()).toBe(false);
    expect(await deployment.values('stolen', deployment.probes.slice(0, 3))).toEqual(
      Array(3).fill('thief'),
    );
  });

  test('failure 8: using resolves with what the routine does although the release fails', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await readyRedlock(deployment, major, { nodeTimeout: pace.hasty });
    const confirmations: boolean[] = [];
    redlock.on('released', ({ confirmed }) => void confirmations.push(confirmed));
    const result = await redlock.using('work', TTL, async () => {
      await Promise.all(deployment.nodes.map(({ server }) => server.kill()));
      return 'done';
    });
    expect(result).toBe('done');
    expect(confirmations).toEqual([false]);
  });

  test("failure 8: using rejects with the routine's own error although the release fails or the lock is lost", async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await readyRedlock(deployment, major, { nodeTimeout: pace.hasty });
    const own = new Error('the work went wrong');
    const lost = redlock.using('work', 600, async (signal) => {
      for (const probe of deployment.probes) await probe.set('work', 'thief', 'PX', TTL);
      await aborted(signal);
      throw own;
    });
    expect(await rejectionOf(lost)).toBe(own);
    const failed = redlock.using('other', TTL, async () => {
      await Promise.all(deployment.nodes.map(({ server }) => server.kill()));
      throw own;
    });
    expect(await rejectionOf(failed)).toBe(own);
  });

  test('failure 9: a lock that was stolen is extended no more', async () => {
    await using deployment = await Deployment.start(1);
    const redlock = await readyRedlock(deployment, major);
    const { signal } = await redlock.acquire('stolen', 300, { autoExtend: true });
    await deployment.node(0).probe.set('stolen', 'thief', 'PX', TTL);
    const monitor = await deployment.monitor(0);
    await aborted(signal);
    // Three times the ttl, in which a lock that lives on is extended nine times.
    await sleep(900);
    await monitor.settle();
    // One extension that noticed, one release.
    expect(scriptCalls(monitor.commands())).toBeLessThanOrEqual(2);
  });

  test('failure 9: a short ttl is extended at every third of it and not in a hot loop', async () => {
    await using deployment = await Deployment.start(1);
    const redlock = await readyRedlock(deployment, major);
    let extensions = 0;
    redlock.on('extended', () => extensions++);
    await using lock = await redlock.acquire('short', pace.ttl, { autoExtend: true });
    const monitor = await deployment.monitor(0);
    const start = performance.now();
    await until('it is extended three times', () => extensions >= 3 || lock.signal.aborted);
    await monitor.settle();
    const thirds = (performance.now() - start) / (pace.ttl / 3);
    expect(lock.signal.aborted).toBe(false);
    expect(scriptCalls(monitor.commands())).toBeLessThanOrEqual(thirds + 1);
  });

  test('failure 9: durations past 2^31 ms make no hot loop, neither holding nor waiting', async () => {
    await using deployment = await Deployment.start(1);
    const redlock = await readyRedlock(deployment, major);
    await using lock = await redlock.acquire('long', 2 ** 40, { autoExtend: true });
    const monitor = await deployment.monitor(0);
    const canceller = new AbortController();
    const waiting = redlock.acquire('long', 2 ** 40, {
      wait: 2 ** 40,
      retryDelay: 2 ** 40,
      signal: canceller.signal,
    });
    await sleep(500);
    await monitor.settle();
    canceller.abort();
    await expect(waiting).rejects.toBe(canceller.signal.reason);
    // The one attempt of the waiter, and its release where it is sent.
    expect(scriptCalls(monitor.commands())).toBeLessThanOrEqual(2);
    expect(lock.remaining()).toBeGreaterThan(2 ** 39);
  });

  test('failure 10: a wall clock set forward by less than the validity costs an extended lock nothing lasting', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await readyRedlock(deployment, major);
    await using lock = await redlock.acquire('clock', 20_000, { autoExtend: true });
    shiftWallClock(10_000);
    expect(lock.remaining()).toBeLessThan(10_000);
    await until('it is based anew', () => lock.remaining() > 15_000);
    expect(lock.signal.aborted).toBe(false);
  });

  test('failure 10: a wall clock set forward beyond the validity ends the lock, and its signal says so', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await readyRedlock(deployment, major);
    const lock = await redlock.acquire('clock', 20_000);
    const { signal } = lock;
    shiftWallClock(30_000);
    expect(await aborted(signal)).toMatchObject({ code: 'LOCK_LOST', cause: { code: 'EXPIRED' } });
    expect(lock.remaining()).toBe(0);
  });

  test('failure 18: a client whose wall clock is a minute ahead takes no permit from its holder', async () => {
    await using deployment = await Deployment.start(3);
    const holder = await readyRedlock(deployment, major);
    const ahead = await readyRedlock(deployment, major);
    const { token, permit } = await holder.semaphore('licences', 1).acquire(TTL);
    shiftWallClock(TTL + 1000);
    expect(await ahead.semaphore('licences', 1).tryAcquire(TTL)).toBeNull();
    expect(await deployment.values(`{licences}:permit:${permit}`)).toEqual(Array(3).fill(token));
  });

  test('failure 28: an extension to a shorter ttl whose replies are lost cuts no key short', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await readyRedlock(deployment, major, { nodeTimeout: pace.hasty });
    const lock = await redlock.acquire('shorter', TTL);
    const lost = deployment.nodes.map(({ proxy }) => proxy.dropReply());
    expect(await rejectionOf(lock.extend(1000))).toBeInstanceOf(QuorumError);
    await Promise.all(lost);
    for (const probe of deployment.probes) {
      expect(await probe.pttl('shorter')).toBeGreaterThan(lock.remaining());
    }
  });

  test('failure 10: a wall clock set back prolongs no trust', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await readyRedlock(deployment, major);
    const lock = await redlock.acquire('clock', 500);
    const { signal } = lock;
    const before = lock.remaining();
    shiftWallClock(-10_000);
    expect(lock.remaining()).toBeLessThanOrEqual(before + 1);
    await until('the keys are gone', () => deployment.isGone('clock'));
    expect(lock.remaining()).toBe(0);
    expect(signal.aborted).toBe(true);
  });

  test('failure 14: after a release nothing is sent any more', async () => {
    await using deployment = await Deployment.start(1);
    const redlock = await readyRedlock(deployment, major);
    const extended = new Promise((resolve) => redlock.on('extended', resolve));
    const lock = await redlock.acquire('done', pace.ttl, { autoExtend: true });
    await extended;
    expect(await lock.release()).toBe(true);
    const monitor = await deployment.monitor(0);
    // The next extension would have been due.
    await sleep(pace.ttl / 2);
    await monitor.settle();
    expect(monitor.commands()).toEqual([]);
  });

  test('failure 14: an extension that is under way at the release leaves nothing behind', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await readyRedlock(deployment, major);
    const lock = await redlock.acquire('done', TTL);
    const extension = rejectionOf(lock.extend());
    expect(await lock.release()).toBe(true);
    expect(await extension).toMatchObject({ code: 'LOCK_LOST', cause: { code: 'RELEASED' } });
    await until('the keys are gone', () => deployment.isGone('done'));
  });

  test('failure 16: a failed extension keeps the grants that survive, and can be repeated', async () => {
    await using deployment = await Deployment.start(5);
    const { redlock, clients } = await readyContender(deployment, major, {
      nodeTimeout: pace.brief,
    });
    await using lock = await redlock.acquire('kept', TTL);
    await until('all have it', async () => {
      return (await deployment.values('kept')).every((value) => value === lock.token);
    });
    const down = deployment.nodes.slice(0, 3);
    await Promise.all(down.map(({ server }) => server.kill()));
    const error = await rejectionOf(lock.extend());
    expect(error).toBeInstanceOf(QuorumError);
    expect(LockLostError.is(error)).toBe(false);
    expect(RedlockError.is(error)).toBe(true);
    expect(lock.signal.aborted).toBe(false);
    expect(await deployment.values('kept', deployment.probes.slice(3))).toEqual([
      lock.token,
      lock.token,
    ]);

    await Promise.all(down.map(({ server }) => server.start()));
    await until('all are connected', () => clients.every(({ status }) => status === 'ready'));
    await untilExtended(lock);
    expect(await deployment.values('kept')).toEqual(Array(5).fill(lock.token));
  });
});

function scriptCalls(commands: readonly string[]): number {
  return commands.filter((command) => /^"(eval|evalsha)"/i.test(command)).length;
}
