import { expect, test } from '@jest/globals';
import type { Lock } from 'redlock-core';
import { held, world } from '../support/world.js';

const AUTO = { autoExtend: true } as const;

async function holding(ttl: number) {
  return held('r', AUTO, ttl);
}

test('extension: an automatic one is sent at each third of the ttl while the lock is held', async () => {
  const { lock, time, a, names } = await holding(9000);
  await time.advance(2989);
  expect(a.extends).toBe(0);
  await time.advance(11);
  expect(a.extends).toBe(1);
  expect(lock.remaining()).toBeGreaterThan(9000 - 92 - 12);
  await time.advance(30_000);
  expect(a.extends).toBe(11);
  expect(names().slice(0, 3)).toEqual(['acquired', 'extended', 'extended']);
});

test.each([0.5, 0.7])(
  'extension: an automatic one with a driftFactor of %d is sent at half of the validity, and the lock lives on',
  async (driftFactor) => {
    const { redlock, time, a } = world(3, { driftFactor });
    const lock = await redlock.acquire('r', 30_000, AUTO);
    const half = lock.remaining() / 2;
    // A tenth of a third of the ttl early, if another timer fires then.
    await time.advance(half - 1001);
    expect(a.extends).toBe(0);
    await time.advance(1001);
    expect(a.extends).toBe(1);
    await time.advance(100_000);
    expect(lock.remaining()).toBeGreaterThan(0);
  },
);

test('extension: an automatic one is off by default for acquire, and a default of the Redlock turns it on', async () => {
  for (const [options, extensions] of [[{}, 0] as const, [AUTO, 2] as const]) {
    const { redlock, time, a } = world(3, options);
    await redlock.acquire('r', 3000);
    await time.advance(2000);
    expect(a.extends).toBe(extensions);
  }
});

test('extension: an explicit one sets the ttl and puts the automatic one off to a third of it', async () => {
  const { lock, time, a, expiries } = await holding(3000);
  await time.advance(900);
  await lock.extend(30_000);
  await time.advance(9989);
  expect(a.extends).toBe(1);
  await time.advance(11);
  expect(a.extends).toBe(2);
  expect(Math.min(...(await expiries()))).toBeGreaterThan(30_000 - 12);
});

test.each(['release', 'close', 'loss'] as const)(
  'extension: an automatic one ends with %s: nothing more is sent and no timer is set',
  async (end) => {
    const { lock, redlock, time, steal, a } = await holding(3000);
    const { signal } = lock;
    if (end === 'release') await lock.release();
    if (end === 'close') await redlock.close();
    if (end === 'loss') {
      await steal('another');
      await time.advance(1000);
      expect(signal.aborted).toBe(true);
    }
    const sent = a.extends;
    await time.advance(30_000);
    expect(a.extends).toBe(sent);
    expect(time.pending).toEqual([]);
  },
);

test('extension: an automatic one is retried within a tenth of the remaining validity, and the signal aborts at its end', async () => {
  const { lock, time, nodes, a } = await holding(9000);
  const { signal } = lock;
  for (const node of nodes) node.fail();
  await time.advance(3000);
  while (lock.remaining() > 20) {
    const [before, left] = [a.extends, lock.remaining()];
    await time.advance(Math.ceil(left / 10) + 1);
    expect(a.extends).toBeGreaterThan(before);
  }
  expect(signal.aborted).toBe(false);
  await time.advance(20);
  expect(signal.reason).toMatchObject({ reason: 'UNREACHABLE' });
  expect(a.extends).toBeLessThanOrEqual(100);
});

test('extension: an automatic one of a short ttl is sent at most every 10 ms, and retried at most 30 times', async () => {
  const { lock, time, nodes, a } = await holding(30);
  const { signal } = lock;
  await time.advance(1000);
  expect(a.extends).toBeLessThanOrEqual(100);
  for (const node of nodes) node.fail();
  const before = a.extends;
  await time.advance(1000);
  expect(signal.aborted).toBe(true);
  expect(a.extends - before).toBeLessThanOrEqual(30);
});

test.each([2 ** 31, 2 ** 40, Number.MAX_SAFE_INTEGER])(
  'extension: an automatic one of a ttl of %d ms is not sent in the first minute, and sets no timer out of range',
  async (ttl) => {
    const { time, a } = await holding(ttl);
    await time.advance(60_000);
    expect(a.extends).toBe(0);
    expect(time.delays.length).toBeLessThan(70);
    expect(Math.max(...time.delays)).toBeLessThanOrEqual(2 ** 31 - 1);
  },
);

test('extension: an automatic one is in time although the monotonic clock runs slow within `driftFactor`', async () => {
  const { redlock, time } = world(3, { driftFactor: 0.2 });
  const lock = await redlock.acquire('r', 10_000, AUTO);
  // The next one is due when 54 ms of validity are left: so is it after a short explicit one.
  await lock.extend(100);
  for (let passed = 0; passed < 9500; passed += 85) {
    await time.advance(85);
    time.suspend(15);
    if (lock.remaining() === 0) break;
  }
  expect(lock.remaining()).toBeGreaterThan(0);
});

test('extension: an automatic one follows a wall clock that is set forward, within a second', async () => {
  const { lock, time, a } = await holding(9000);
  await time.advance(100);
  time.suspend(7000);
  expect(lock.remaining()).toBe(9000 - 92 - 7100);
  await time.advance(1000);
  expect(a.extends).toBe(1);
  expect(lock.remaining()).toBeGreaterThanOrEqual(9000 - 92 - 1000);
  await time.advance(60_000);
  expect(lock.signal.aborted).toBe(false);
  expect(a.extends).toBe(21);
});

test('extension: no automatic one is sent while another is under way, nor right behind it', async () => {
  const { redlock, time, nodes, a } = world(3, { ...AUTO, nodeTimeout: 2500 });
  await redlock.acquire('r', 9000);
  for (const node of nodes) node.hold();
  // Locks are looked at once a second, too.
  await time.advance(5000);
  for (const node of nodes) node.answer();
  await time.advance(100);
  expect(a.extends).toBe(1);
});

test('extension: an automatic one shares a command again once an explicit one has succeeded after one that failed', async () => {
  const { redlock, time, nodes, a } = world(3, AUTO);
  const lock = await redlock.acquire('r', 3600);
  await time.advance(700);
  await redlock.acquire('early', 3600);
  await time.advance(80);
  for (const node of nodes) node.fail();
  await lock.extend().catch(() => {});
  for (const node of nodes) node.answer();
  await lock.extend();
  const before = a.commandCount;
  // They are due 80 ms apart. When the locks are looked at next, the pause after the failure would not be over.
  await time.advance(1200);
  expect(a.extends).toBe(4);
  expect(a.commandCount).toBe(before + 1);
});

test('extension: that of 250 locks takes few commands and one timer, is never late, and ends with the nodes', async () => {
  const [ttl, third] = [9000, 3000];
  const { redlock, time, a, nodes, names } = world(3, AUTO);
  /** When each was granted and extended. */
  const times = new Map<string, number[]>();
  a.mode = (command) => {
    for (const { verb, keys } of command.operations) {
      if (verb === 'acquire' || verb === 'extend') {
        times.set(keys.join(), [...(times.get(keys.join()) ?? []), time.now()]);
      }
    }
    command.reply();
  };
  const locks: Lock[] = [];
  for (let round = 0; round < 50; round++) {
    const resources = Array.from({ length: 5 }, (_, index) => `r${5 * round + index}`);
    locks.push(...(await Promise.all(resources.map((each) => redlock.acquire(each, ttl)))));
    await time.advance(10);
  }
  const before = nodes.map(({ commandCount }) => commandCount);
  await time.advance(2 * third);
  for (const [index, node] of nodes.entries()) {
    expect(node.extends).toBeGreaterThanOrEqual(250);
    // Of 128 keys at most, two rounds take 4; some more for those that were spread out.
    expect(node.commandCount - (before[index] ?? 0)).toBeLessThanOrEqual(20);
  }
  expect(time.pending).toHaveLength(1);
  expect(time.holding).toEqual([]);

  expect(times.size).toBe(250);
  for (const each of times.values()) {
    expect(each.length).toBeGreaterThanOrEqual(3);
    for (const [index, at] of each.slice(1).entries()) {
      const elapsed = at - (each[index] ?? 0);
      expect(elapsed).toBeLessThanOrEqual(third);
      expect(elapsed).toBeGreaterThanOrEqual(0.9 * third);
    }
  }
  for (const lock of locks.splice(0, 125)) await lock.release();
  expect(names()).not.toContain('lost');
  for (const node of nodes) node.disconnect();
  await time.advance(ttl);
  for (const lock of locks) expect(lock.signal.aborted).toBe(true);
  expect(names().filter((name) => name === 'lost')).toHaveLength(125);
});
