import { once } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import type { AcquireOptions, Lock } from 'redlock-core';
import { settle } from '../support/settle.js';
import type { TestNode } from '../support/test-node.js';
import { threeNodes } from '../support/three-nodes.js';

const DOWN = new Error('connect ECONNREFUSED 127.0.0.1:6379');

function extendingCommands(node: TestNode): number {
  return node.commands.filter((command) => command.has('extend')).length;
}

describe('a thousand locks, taken over half a second', () => {
  const TTL = 9000;
  const THIRD = TTL / 3;

  async function thousand() {
    const three = threeNodes({ autoExtend: true });
    const { redlock, runtime, a } = three;
    /** When each was granted and extended. */
    const times = new Map<string, number[]>();
    a.mode = (command) => {
      for (const { kind, keys } of command.operations) {
        if (kind === 'grant' || kind === 'extend') {
          times.set(keys.join(), [...(times.get(keys.join()) ?? []), runtime.now()]);
        }
      }
      command.reply();
    };
    const locks: Lock[] = [];
    for (let round = 0; round < 50; round++) {
      const names = Array.from({ length: 20 }, (_, index) => `r${20 * round + index}`);
      locks.push(...(await Promise.all(names.map((name) => redlock.acquire(name, TTL)))));
      await runtime.advance(10);
    }
    return { ...three, locks, times };
  }

  test('share few commands, and one timer that keeps no process alive', async () => {
    const { runtime, nodes, locks } = await thousand();
    for (const lock of locks) expect(lock.remaining()).toBeGreaterThan(0);
    const before = nodes.map(extendingCommands);
    await runtime.advance(2 * THIRD);
    for (const [index, node] of nodes.entries()) {
      expect(node.all('extend').length).toBeGreaterThanOrEqual(1000);
      // Of 128 keys at most, two rounds take 16; some more for those that were spread out.
      expect(extendingCommands(node) - (before[index] ?? 0)).toBeLessThanOrEqual(40);
    }
    expect(runtime.pending).toHaveLength(1);
    expect(runtime.holding).toEqual([]);
    for (const lock of locks) await lock.release();
    await runtime.advance(10);
    expect(runtime.pending).toEqual([]);
  });

  test('are each extended at about a third of the ttl, never later', async () => {
    const { runtime, times } = await thousand();
    await runtime.advance(4 * THIRD);
    expect(times.size).toBe(1000);
    for (const each of times.values()) {
      expect(each.length).toBeGreaterThanOrEqual(5);
      for (const [index, time] of each.slice(1).entries()) {
        const elapsed = time - (each[index] ?? 0);
        expect(elapsed).toBeLessThanOrEqual(THIRD);
        expect(elapsed).toBeGreaterThanOrEqual(0.9 * THIRD);
      }
    }
  });

  test('none is lost, and all end with the nodes, on time', async () => {
    const { runtime, nodes, locks, names } = await thousand();
    await runtime.advance(2 * TTL);
    expect(names()).not.toContain('lost');
    for (const node of nodes) node.disconnect();
    await runtime.advance(TTL);
    for (const lock of locks) expect(lock.signal.aborted).toBe(true);
    expect(names().filter((name) => name === 'lost')).toHaveLength(1000);
  });
});

test('an explicit extension puts the automatic one off to a third of the ttl after it', async () => {
  const { redlock, runtime, a } = threeNodes();
  const lock = await redlock.acquire('r', 9000, { autoExtend: true });
  await runtime.advance(2900);
  await lock.extend();
  await runtime.advance(2989);
  expect(a.all('extend')).toHaveLength(1);
  await runtime.advance(11);
  expect(a.all('extend')).toHaveLength(2);
});

describe('maxHold', () => {
  const TTL = 3000;

  async function held(options: AcquireOptions) {
    const three = threeNodes();
    const lock = await three.redlock.acquire('r', TTL, { autoExtend: true, ...options });
    return { ...three, lock };
  }

  test('no automatic extension is sent from then on, and the lock ends with its validity', async () => {
    const { lock, runtime, a } = await held({ maxHold: 5000 });
    const { signal } = lock;
    await runtime.advance(5000);
    const sent = a.all('extend').length;
    await runtime.advance(lock.remaining() - 1);
    expect(a.all('extend')).toHaveLength(sent);
    expect(signal.aborted).toBe(false);
    await runtime.advance(1);
    expect(signal.reason).toMatchObject({ cause: { code: 'EXPIRED' } });
  });

  test('counts from the grant', async () => {
    const { redlock, nodes, runtime, a } = threeNodes({ nodeTimeout: 2000 });
    for (const node of nodes) node.mode = 'hold';
    const acquiring = redlock.acquire('r', TTL, { autoExtend: true, maxHold: 1500 });
    await runtime.advance(800);
    for (const node of nodes) node.answer();
    await acquiring;
    // Extended at 1000, since the ttl counts from when it was asked for, and at 2000.
    await runtime.advance(60_000);
    expect(a.all('extend')).toHaveLength(2);
  });

  test('of 0: never', async () => {
    const { runtime, a } = await held({ maxHold: 0 });
    await runtime.advance(60_000);
    expect(a.all('extend')).toEqual([]);
  });

  test('explicit extensions are sent still', async () => {
    const { lock, runtime, a } = await held({ maxHold: 500 });
    for (let turn = 0; turn < 10; turn++) {
      await runtime.advance(2000);
      await lock.extend();
    }
    expect(lock.remaining()).toBe(TTL - 32);
    expect(a.all('extend')).toHaveLength(10);
    await runtime.advance(TTL);
    expect(a.all('extend')).toHaveLength(10);
    expect(lock.signal.aborted).toBe(true);
  });

  test('is a default of the Redlock, and a call may overrule it', async () => {
    const { redlock, runtime, a } = threeNodes({ maxHold: 500, autoExtend: true });
    await redlock.acquire('r', TTL, { wait: 0 });
    const longer = await redlock.acquire('s', TTL, { maxHold: Infinity });
    await runtime.advance(60_000);
    expect(longer.remaining()).toBeGreaterThan(0);
    expect(a.all('extend').some(({ keys }) => keys.includes('r'))).toBe(false);
  });

  test('bounds a routine that hangs: its signal aborts when validity ends', async () => {
    const { redlock, runtime, names } = threeNodes();
    const aborts: number[] = [];
    const start = runtime.now();
    let validUntil = 0;
    const running = redlock.using('r', TTL, { maxHold: 2500 }, async (signal, lock) => {
      redlock.on('extended', () => (validUntil = runtime.now() - start + lock.remaining()));
      await once(signal, 'abort');
      aborts.push(runtime.now() - start);
    });
    const rejected = rejectionOf(running);
    await runtime.advance(60_000);
    expect(aborts).toEqual([validUntil]);
    expect(await rejected).toMatchObject({ code: 'LOCK_LOST', cause: { code: 'EXPIRED' } });
    expect(names()).toEqual(['acquired', 'extended', 'extended', 'lost']);
  });

  test('is not prolonged by an extension that is retried', async () => {
    const { runtime, nodes, a } = await held({ maxHold: 1500 });
    for (const node of nodes) node.mode = DOWN;
    await runtime.advance(1500);
    const sent = a.all('extend').length;
    expect(sent).toBeGreaterThan(1);
    for (const node of nodes) node.answer();
    await runtime.advance(60_000);
    expect(a.all('extend')).toHaveLength(sent);
  });

  test.each([
    ['text', '5', 'TypeError', 'maxHold must be a number'],
    ['null', null, 'TypeError', 'maxHold must be a number'],
    ['-1', -1, 'RangeError', 'maxHold must be at least 0, not -1'],
    ['NaN', NaN, 'RangeError', 'maxHold must be at least 0, not NaN'],
  ])('of %s rejects before anything is sent', async (_, value, name, message) => {
    const options = { maxHold: value as number };
    expect(() => threeNodes(options)).toThrow(message);
    const { redlock, nodes } = threeNodes();
    const calls = [
      redlock.acquire('r', TTL, options),
      redlock.tryAcquire('r', TTL, options),
      redlock.using('r', TTL, options, () => null),
      redlock.adopt('r', 'token', TTL, options),
    ];
    for (const call of calls.map(rejectionOf)) expect(await call).toMatchObject({ name, message });
    await settle();
    expect(nodes.map(({ commands }) => commands)).toEqual([[], [], []]);
  });
});
