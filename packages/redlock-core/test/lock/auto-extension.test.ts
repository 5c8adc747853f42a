import { describe, expect, test } from '@jest/globals';
import type { AcquireOptions } from 'redlock-core';
import type { TestNode } from '../support/test-node.js';
import { threeNodes } from '../support/three-nodes.js';

const DOWN = new Error('connect ECONNREFUSED 127.0.0.1:6379');

async function held(ttl: number, options: AcquireOptions = { autoExtend: true }) {
  const three = threeNodes();
  const lock = await three.redlock.acquire('r', ttl, options);
  return { ...three, lock };
}

function extensionsAt(node: TestNode): number {
  return node.kinds.filter((kind) => kind === 'extend').length;
}

test('extends at each third of the ttl, for as long as the lock is held', async () => {
  const { lock, runtime, a, names } = await held(9000);
  await runtime.advance(2989);
  expect(extensionsAt(a)).toBe(0);
  await runtime.advance(11);
  expect(extensionsAt(a)).toBe(1);
  expect(lock.remaining()).toBeGreaterThan(9000 - 92 - 12);
  await runtime.advance(30_000);
  expect(extensionsAt(a)).toBe(11);
  expect(names().slice(0, 3)).toEqual(['acquired', 'extended', 'extended']);
});

test('is off by default for acquire, and a default of the Redlock turns it on', async () => {
  const off = await held(3000, {});
  await off.runtime.advance(2000);
  expect(extensionsAt(off.a)).toBe(0);

  const on = threeNodes({ autoExtend: true });
  await on.redlock.acquire('r', 3000);
  await on.runtime.advance(2000);
  expect(extensionsAt(on.a)).toBe(2);
});

test('takes the ttl of the last explicit extension, and its third', async () => {
  const { lock, runtime, a } = await held(3000);
  await lock.extend(30_000);
  await runtime.advance(9989);
  expect(extensionsAt(a)).toBe(1);
  await runtime.advance(11);
  expect(extensionsAt(a)).toBe(2);
  expect(a.latest('extend').ttl).toBe(30_000);
});

describe('ends', () => {
  test.each(['release', 'close', 'loss'] as const)(
    'with %s: nothing is sent and no timer set',
    async (end) => {
      const { lock, redlock, runtime, nodes, a } = await held(3000);
      const { signal } = lock;
      if (end === 'release') await lock.release();
      if (end === 'close') await redlock.close();
      if (end === 'loss') {
        for (const node of nodes) await node.server.steal('r', 'another');
        await runtime.advance(1000);
        expect(signal.aborted).toBe(true);
      }
      const sent = extensionsAt(a);
      await runtime.advance(30_000);
      expect(extensionsAt(a)).toBe(sent);
      expect(runtime.pending).toEqual([]);
    },
  );

  test('with a release while an extension is under way', async () => {
    const { lock, runtime, nodes, a } = await held(3000);
    for (const node of nodes) node.mode = 'hold';
    await runtime.advance(1000);
    const releasing = lock.release();
    for (const node of nodes) node.answer();
    expect(await releasing).toBe(true);
    await runtime.advance(30_000);
    expect(a.kinds).toEqual(['grant', 'extend', 'release']);
    expect(runtime.pending).toEqual([]);
  });
});

describe('with nodes out of reach', () => {
  test('retries within a tenth of what validity is left, until it ends, and aborts then', async () => {
    const { lock, runtime, nodes, a } = await held(9000);
    const { signal } = lock;
    for (const node of nodes) node.mode = DOWN;
    await runtime.advance(3000);
    while (lock.remaining() > 20) {
      const [before, left] = [extensionsAt(a), lock.remaining()];
      await runtime.advance(Math.ceil(left / 10) + 1);
      expect(extensionsAt(a)).toBeGreaterThan(before);
    }
    expect(signal.aborted).toBe(false);
    await runtime.advance(20);
    expect(signal.reason).toMatchObject({ cause: { code: 'UNREACHABLE' } });
    expect(extensionsAt(a)).toBeLessThanOrEqual(100);
  });

  test('aborts when validity ends though no reply ever comes', async () => {
    const { lock, runtime, nodes } = await held(9000);
    const { signal } = lock;
    for (const node of nodes) node.mode = 'hold';
    await runtime.advance(9000 - 92 - 1);
    expect(signal.aborted).toBe(false);
    await runtime.advance(1);
    expect(signal.reason).toMatchObject({ cause: { code: 'UNREACHABLE' } });
  });

  test('lives on when they are back in time', async () => {
    const { lock, runtime, nodes } = await held(9000);
    for (const node of nodes) node.mode = DOWN;
    await runtime.advance(7000);
    for (const node of nodes) node.answer();
    await runtime.advance(60_000);
    expect(lock.remaining()).toBeGreaterThan(5000);
  });
});

describe('makes no hot loop', () => {
  test('of a short ttl', async () => {
    const { lock, runtime, nodes, a } = await held(30);
    const { signal } = lock;
    await runtime.advance(1000);
    expect(extensionsAt(a)).toBeLessThanOrEqual(100);
    for (const node of nodes) node.mode = DOWN;
    const before = extensionsAt(a);
    await runtime.advance(1000);
    expect(signal.aborted).toBe(true);
    expect(extensionsAt(a) - before).toBeLessThanOrEqual(30);
  });

  test.each([2 ** 31, 2 ** 40, Number.MAX_SAFE_INTEGER])('of a ttl of %d ms', async (ttl) => {
    const { runtime, a } = await held(ttl);
    await runtime.advance(60_000);
    expect(extensionsAt(a)).toBe(0);
    expect(runtime.delays.length).toBeLessThan(70);
    expect(Math.max(...runtime.delays)).toBeLessThanOrEqual(2 ** 31 - 1);
  });

  test('of a theft: one extension finds out', async () => {
    const { runtime, nodes, a } = await held(9000);
    for (const node of nodes) await node.server.steal('r', 'another');
    await runtime.advance(60_000);
    expect(extensionsAt(a)).toBe(1);
  });
});

test('is in time by a monotonic clock that runs slow within `driftFactor`, and validity ends by the wall clock', async () => {
  const { redlock, runtime } = threeNodes({ driftFactor: 0.2 });
  const lock = await redlock.acquire('r', 10_000, { autoExtend: true });
  // The next automatic extension is due when 54 ms of validity are left: so is it after a short explicit one.
  await lock.extend(100);
  for (let passed = 0; passed < 9500; passed += 85) {
    await runtime.advance(85);
    runtime.suspend(15);
    if (lock.remaining() === 0) break;
  }
  expect(lock.remaining()).toBeGreaterThan(0);
});

test('a wall clock set forward by less than the validity costs one extension, within a second', async () => {
  const { lock, runtime, a } = await held(9000);
  await runtime.advance(100);
  runtime.suspend(7000);
  expect(lock.remaining()).toBe(9000 - 92 - 7100);
  await runtime.advance(1000);
  expect(extensionsAt(a)).toBe(1);
  expect(lock.remaining()).toBeGreaterThanOrEqual(9000 - 92 - 1000);
  await runtime.advance(60_000);
  expect(lock.signal.aborted).toBe(false);
  expect(extensionsAt(a)).toBe(21);
});

test('a wall clock set back by an hour does not stop it', async () => {
  const { lock, runtime } = await held(9000);
  runtime.setWallBack(3_600_000);
  await runtime.advance(60_000);
  expect(lock.signal.aborted).toBe(false);
});
