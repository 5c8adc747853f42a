import { describe, expect, jest, test } from '@jest/globals';
import type { Lock, RedlockEvents } from 'redlock-core';
import { rejectionOf } from './support/rejection.js';
import { settle } from './support/settle.js';
import { threeNodes } from './support/three-nodes.js';

const DOWN = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

test('the life of a lock: acquired, extended, released', async () => {
  const { redlock, seen } = threeNodes();
  const lock = await redlock.acquire('r', 10_000);
  await lock.extend();
  await lock.release();
  expect(seen).toEqual([
    ['acquired', { lock }],
    ['extended', { lock }],
    ['released', { lock, confirmed: true }],
  ]);
});

test('contended: at each denied attempt, with its resources and votes', async () => {
  const { redlock, seen, a, b, runtime } = threeNodes();
  await a.server.steal('r', 'other');
  await b.server.steal('r', 'other');
  const rejected = redlock.acquire(['r', 's'], 10_000, { wait: 300 }).catch(() => null);
  await runtime.advance(300);
  await rejected;
  const denied = { node: 'a', vote: 'denied', ms: 0 };
  const contended = [
    'contended',
    { resources: ['r', 's'], votes: [denied, { ...denied, node: 'b' }] },
  ];
  expect(seen).toEqual([contended, contended]);
});

test('not contended: an attempt that failed because nodes are away', async () => {
  const { redlock, names, nodes } = threeNodes();
  for (const node of nodes) node.mode = DOWN;
  await redlock.tryAcquire('r', 10_000).catch(() => null);
  expect(names()).not.toContain('contended');
});

describe('nodeFailed and nodeRecovered', () => {
  test('come once for each time that a node is away, however often it is asked', async () => {
    const { redlock, seen, c } = threeNodes();
    const cycle = async (): Promise<void> => {
      for (const resource of ['one', 'two', 'three']) {
        await (await redlock.acquire(resource, 10_000)).release();
        await settle();
      }
    };
    const ofNodes = () => seen.filter(([event]) => event.startsWith('node'));
    await cycle();
    expect(ofNodes()).toEqual([]);
    c.mode = DOWN;
    await cycle();
    const error = { name: 'Error', code: 'ECONNREFUSED', message: 'connect ECONNREFUSED' };
    expect(ofNodes()).toEqual([['nodeFailed', { node: 'c', error }]]);
    c.mode = 'answer';
    await cycle();
    expect(ofNodes().slice(1)).toEqual([['nodeRecovered', { node: 'c' }]]);
    c.mode = DOWN;
    await cycle();
    expect(ofNodes()).toHaveLength(3);
  });

  test('come for a node that stays silent, or never was connected, after the lock was granted', async () => {
    const { redlock, names, seen, b, c, runtime } = threeNodes();
    c.mode = 'hold';
    await redlock.acquire('r', 10_000);
    await runtime.advance(500);
    expect(seen.at(-1)).toMatchObject(['nodeFailed', { node: 'c', error: { code: 'TIMEOUT' } }]);
    c.answer();
    await settle();
    b.ready = false;
    await redlock.acquire('s', 10_000);
    await runtime.advance(2000);
    expect(seen.at(-1)).toMatchObject(['nodeFailed', { node: 'b', error: { code: 'NOT_READY' } }]);
    expect(names().filter((name) => name === 'nodeRecovered')).toHaveLength(1);
  });
});

describe('listeners', () => {
  test.each([
    [
      'throws',
      (): unknown => {
        throw new Error('listener');
      },
    ],
    ['rejects', (): unknown => Promise.reject(new Error('listener'))],
  ])('one that %s disturbs neither the lock nor the others', async (_, fails) => {
    const { redlock, runtime, nodes } = threeNodes();
    const names = ['acquired', 'extended', 'released', 'lost', 'contended', 'nodeFailed'] as const;
    const heard = new Set<string>();
    for (const name of names) redlock.on(name, fails).on(name, () => heard.add(name));
    const lock = await redlock.acquire('r', 10_000);
    expect(await redlock.tryAcquire('r', 10_000)).toBeNull();
    await lock.extend();
    expect(await lock.release()).toBe(true);
    const { signal } = await redlock.acquire('r', 10_000);
    for (const node of nodes) node.mode = DOWN;
    await runtime.advance(10_000);
    expect(signal.aborted).toBe(true);
    expect([...heard].toSorted()).toEqual([...names].toSorted());
  });

  test('are called in order, as often as they were added, until they are taken off', async () => {
    const { redlock } = threeNodes();
    const calls: string[] = [];
    const first = (): void => void calls.push('first');
    const second = (): void => void calls.push('second');
    redlock.on('acquired', first).on('acquired', second).on('acquired', first);
    await redlock.acquire('one', 10_000);
    expect(calls.splice(0)).toEqual(['first', 'second', 'first']);
    redlock.off('acquired', first).off('extended', second);
    await redlock.acquire('two', 10_000);
    expect(calls).toEqual(['first', 'second']);
  });

  test('may take themselves off, and off an event they never heard', async () => {
    const { redlock } = threeNodes();
    const once = jest.fn<(payload: RedlockEvents['acquired']) => void>(() => {
      redlock.off('acquired', once).off('lost', once);
    });
    const other = jest.fn();
    redlock.on('acquired', once).on('acquired', other);
    for (const resource of ['one', 'two']) await redlock.acquire(resource, 10_000);
    expect(once).toHaveBeenCalledTimes(1);
    expect(other).toHaveBeenCalledTimes(2);
  });

  test('may release the lock they hear of', async () => {
    const { redlock, names } = threeNodes();
    redlock.on('acquired', ({ lock }: { lock: Lock }) => void lock.release());
    const lock = await redlock.acquire('r', 10_000);
    expect(lock.remaining()).toBe(0);
    await settle();
    expect(names()).toEqual(['acquired', 'released']);
  });
});

test('what a listener or a caller is given cannot be changed under the library', async () => {
  const { redlock, nodes } = threeNodes();
  for (const { server } of nodes) await server.steal('y', 'other');
  const refused: unknown[] = [];
  redlock.on('contended', ({ resources, votes }) => {
    for (const change of [
      () => (resources as string[]).shift(),
      () => (votes as unknown[]).pop(),
      () => Object.assign(votes[0] ?? {}, { vote: 'granted' }),
    ]) {
      try {
        change();
      } catch (error) {
        refused.push(error);
      }
    }
  });
  const error = await rejectionOf(redlock.acquire(['x', 'y'], 10_000, { wait: 0 }));
  expect(refused).toHaveLength(3);
  expect(error).toMatchObject({
    resources: ['x', 'y'],
    votes: [{ vote: 'denied' }, { vote: 'denied' }],
  });
  for (const { server } of nodes) await server.steal('y');
  const lock = await redlock.acquire(['x', 'y'], 10_000);
  expect(() => (lock.resources as string[]).shift()).toThrow(TypeError);
  expect(lock.resources).toEqual(['x', 'y']);
});
