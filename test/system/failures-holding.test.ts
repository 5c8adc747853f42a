import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, jest, test } from '@jest/globals';
import { LockLostError, QuorumError, RedlockError } from 'redlock-core';
import { Deployment, pace, rejectionOf, repeatedAfterStall, until } from 'test-kit';
import { aborted } from './support/aborted.js';
import { shiftWallClock } from './support/clocks.js';
import { untilExtended } from './support/extension.js';
import { commandsAt } from './support/traffic.js';

const TTL = 60_000;
/** Two thirds are left for a stall when it is extended. */
const SHORT = 900;

afterEach(() => {
  jest.restoreAllMocks();
});

test('failure 7: the next extension finds a key that was stolen on a majority, while another node is silent', async () => {
  await using deployment = await Deployment.start(5);
  const redlock = await deployment.redlock();
  const lock = await redlock.acquire('stolen', pace.ttl, { autoExtend: true });
  const { signal } = lock;
  const majority = deployment.probes.slice(0, 3);
  deployment.node(4).proxy.blackHole();
  for (const probe of majority) await probe.set('stolen', 'thief', 'PX', TTL);
  // An extension that waited for the silent node would last until the validity ends, and the cause would be another.
  expect(await aborted(signal)).toMatchObject({ code: 'LOCK_LOST', reason: 'NOT_HELD' });
  expect(lock.remaining()).toBe(0);
  expect(await lock.release()).toBe(false);
  expect(await deployment.values('stolen', majority)).toEqual(Array(3).fill('thief'));
});

test('failure 8: a failed release or a lost lock replaces neither the result of the routine nor its error', async () => {
  await using deployment = await Deployment.start(3);
  const redlock = await deployment.redlock({ nodeTimeout: pace.hasty });
  const confirmations: boolean[] = [];
  redlock.on('released', ({ confirmed }) => void confirmations.push(confirmed));
  const own = new Error('the work failed');
  const lost = redlock.using('work', 600, async (signal) => {
    for (const probe of deployment.probes) await probe.set('work', 'thief', 'PX', TTL);
    await aborted(signal);
    throw own;
  });
  expect(await rejectionOf(lost)).toBe(own);

  const result = await redlock.using('outer', TTL, async () => {
    const failed = redlock.using('inner', TTL, async () => {
      await Promise.all(deployment.nodes.map(({ server }) => server.kill()));
      throw own;
    });
    expect(await rejectionOf(failed)).toBe(own);
    return 'done';
  });
  expect(result).toBe('done');
  expect(confirmations.slice(-2)).toEqual([false, false]);
});

test(
  'failure 9: a short ttl is extended at every third of it, and a stolen lock no more',
  repeatedAfterStall(async () => {
    await using deployment = await Deployment.start(1);
    const redlock = await deployment.redlock();
    let extensions = 0;
    redlock.on('extended', () => extensions++);
    const lock = await redlock.acquire('short', SHORT, { autoExtend: true });
    const { signal } = lock;
    const monitor = await deployment.monitor(0);
    const start = performance.now();
    await until('it is extended three times', () => extensions >= 3 || signal.aborted);
    expect(signal.aborted).toBe(false);
    const thirds = (performance.now() - start) / (SHORT / 3);
    const before = (await commandsAt(monitor)).length;
    expect(before).toBeLessThanOrEqual(thirds + 1);

    await deployment.node(0).probe.set('short', 'thief', 'PX', TTL);
    await aborted(signal);
    // A lock that is still held is extended three times in this time.
    await sleep(SHORT);
    // The extension that found out, and the release.
    expect((await commandsAt(monitor)).length).toBeLessThanOrEqual(before + 2);
  }),
);

test('failure 9: durations past 2^31 ms cause no hot loop, neither for a holder nor for a waiter', async () => {
  await using deployment = await Deployment.start(1);
  const redlock = await deployment.redlock();
  await using lock = await redlock.acquire('long', 2 ** 40, { autoExtend: true });
  const monitor = await deployment.monitor(0);
  const canceller = new AbortController();
  const { signal } = canceller;
  const options = { wait: 2 ** 40, pollInterval: 2 ** 40, signal };
  const waiting = redlock.acquire('long', 2 ** 40, options);
  // A timer that overflows fires after 1 ms, again and again.
  await sleep(300);
  const commands = await commandsAt(monitor);
  canceller.abort();
  await expect(waiting).rejects.toBe(signal.reason);
  expect(commands.length).toBeLessThanOrEqual(2);
  expect(lock.remaining()).toBeGreaterThan(2 ** 39);
});

test('failure 10: a wall clock set back prolongs no trust, and one set forward past the validity ends it', async () => {
  await using deployment = await Deployment.start(3);
  const redlock = await deployment.redlock();
  const set = {
    back: await redlock.acquire('back', 300),
    forward: await redlock.acquire('forward', TTL),
  };
  const [back, forward] = [set.back.signal, set.forward.signal];
  const before = set.back.remaining();
  shiftWallClock(-TTL / 2);
  expect(set.back.remaining()).toBeLessThanOrEqual(before + 1);
  await until('the key has expired', () => deployment.isGone('back'));
  expect(set.back.remaining()).toBe(0);
  expect(back.aborted).toBe(true);

  shiftWallClock(2 * TTL);
  expect(set.forward.remaining()).toBe(0);
  expect(await aborted(forward)).toMatchObject({ code: 'LOCK_LOST', reason: 'EXPIRED' });
});

test('failure 16: a failed extension keeps the grants that survive, and can be repeated', async () => {
  await using deployment = await Deployment.start(5);
  const { redlock, clients } = await deployment.contender({
    nodeTimeout: pace.hasty,
    quarantineTime: 300,
  });
  await using lock = await redlock.acquire('kept', TTL);
  await until('all have it', () => deployment.isHeld('kept', lock.token));
  const down = deployment.nodes.slice(0, 3);
  await Promise.all(down.map(({ server }) => server.kill()));
  const error = await rejectionOf(lock.extend());
  expect(error).toBeInstanceOf(QuorumError);
  expect(LockLostError.is(error)).toBe(false);
  expect(RedlockError.is(error)).toBe(true);
  expect(lock.signal.aborted).toBe(false);
  const survivors = deployment.probes.slice(3);
  expect(await deployment.values('kept', survivors)).toEqual(Array(2).fill(lock.token));

  await Promise.all(down.map(({ server }) => server.start()));
  await until('all are connected', () => clients.every(({ status }) => status === 'ready'));
  await untilExtended(lock);
  expect(await deployment.isHeld('kept', lock.token)).toBe(true);
});

test('failure 18: a client whose wall clock is a minute ahead takes no permit from its holder', async () => {
  await using deployment = await Deployment.start(3);
  const [holder, ahead] = [await deployment.redlock(), await deployment.redlock()];
  const { token, permit } = await holder.semaphore('licences', 1).acquire(TTL);
  await until('all have it', () => deployment.isHeld(`{licences}:permit:${permit}`, token));
  shiftWallClock(TTL + 1000);
  expect(await ahead.semaphore('licences', 1).tryAcquire(TTL)).toBeNull();
  expect(await deployment.isHeld(`{licences}:permit:${permit}`, token)).toBe(true);
});

test(
  'failure 21: automatic extension stops at maxHold, and the signal reports the end of the lock',
  repeatedAfterStall(async () => {
    await using deployment = await Deployment.start(3);
    const [holder, other] = [await deployment.redlock(), await deployment.redlock()];
    const start = performance.now();
    let extensions = 0;
    holder.on('extended', () => extensions++);
    const acquired = new Promise((resolve) => holder.on('acquired', resolve));
    const endless = holder.using('capped', SHORT, { maxHold: SHORT / 2 }, async (signal) => {
      throw await aborted(signal);
    });
    const error = rejectionOf(endless);
    await acquired;
    const next = await other.acquire('capped', TTL);
    // After a third of the ttl, and not after two thirds.
    expect(extensions).toBe(1);
    expect(performance.now() - start).toBeGreaterThan(SHORT / 3 + SHORT - 100);
    expect(await error).toMatchObject({ code: 'LOCK_LOST', reason: 'EXPIRED' });
    expect(await next.release()).toBe(true);
  }),
);

test(
  'failure 21: automatic extension of a detached lock ends with the handle',
  repeatedAfterStall(async () => {
    await using deployment = await Deployment.start(1);
    const redlock = await deployment.redlock();
    const extended = new Promise((resolve) => redlock.on('extended', resolve));
    const lock = await redlock.acquire('detached', SHORT, { autoExtend: true });
    const { signal } = lock;
    await extended;
    lock.detach();
    const monitor = await deployment.monitor(0);
    expect(lock.remaining()).toBe(0);
    expect(await lock.release()).toBe(false);
    expect(await rejectionOf(lock.extend())).toMatchObject({ code: 'LOCK_RELEASED' });
    await until('its ttl is over', () => deployment.isGone('detached'));
    expect(await commandsAt(monitor)).toEqual([]);
    expect(signal.aborted).toBe(false);
  }),
);

test('failure 28: an extension to a shorter ttl whose replies are lost shortens no key', async () => {
  await using deployment = await Deployment.start(3);
  const redlock = await deployment.redlock({ nodeTimeout: pace.hasty });
  const lock = await redlock.acquire('shorter', TTL);
  const lost = deployment.nodes.map(({ proxy }) => proxy.dropReply());
  expect(await rejectionOf(lock.extend(1000))).toBeInstanceOf(QuorumError);
  await Promise.all(lost);
  for (const probe of deployment.probes) {
    expect(await probe.pttl('shorter')).toBeGreaterThan(lock.remaining());
  }
});
