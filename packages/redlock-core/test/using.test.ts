import { once } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import type { Lock } from 'redlock-core';
import { settle } from './support/settle.js';
import { threeNodes } from './support/three-nodes.js';

const DOWN = new Error('connect ECONNREFUSED 127.0.0.1:6379');

test('runs the routine under the lock and resolves with its result', async () => {
  const { redlock, a, names } = threeNodes();
  const result = await redlock.using('r', 10_000, async (_signal, lock) => {
    expect(await a.server.holderOf('r')).toBe(lock.token);
    return 'done';
  });
  expect(result).toBe('done');
  expect(await a.server.holderOf('r')).toBeNull();
  expect(names()).toEqual(['acquired', 'released']);
});

test('the routine may be synchronous, and is given the very signal of the lock', async () => {
  const { redlock } = threeNodes();
  const same = await redlock.using('r', 10_000, (signal, lock) => signal === lock.signal);
  expect(same).toBe(true);
});

test('extends the lock for as long as the routine runs, whatever autoExtend says', async () => {
  const { redlock, runtime } = threeNodes();
  const end = new AbortController();
  const running = redlock.using('r', 3000, { autoExtend: false }, async (signal) => {
    await once(end.signal, 'abort');
    return signal.aborted;
  });
  await runtime.advance(60_000);
  end.abort();
  expect(await running).toBe(false);
  await runtime.advance(10);
  expect(runtime.pending).toEqual([]);
});

describe('the error of the routine wins', () => {
  const own = new Error('the routine');

  test.each([
    ['over nothing else', async () => {}],
    [
      'over a release that fails',
      async ({ nodes }: ReturnType<typeof threeNodes>) => {
        for (const node of nodes) node.mode = DOWN;
      },
    ],
    [
      'over the loss of the lock',
      async ({ runtime }: ReturnType<typeof threeNodes>) => {
        runtime.suspend(60_000);
      },
    ],
  ])('%s', async (_, happens) => {
    const three = threeNodes();
    const running = three.redlock.using('r', 10_000, async () => {
      await happens(three);
      throw own;
    });
    expect(await rejectionOf(running)).toBe(own);
  });
});

test('a release that fails does not replace the result', async () => {
  const { redlock, nodes, seen } = threeNodes();
  let held: Lock | undefined;
  const result = await redlock.using('r', 10_000, (_signal, lock) => {
    held = lock;
    for (const node of nodes) node.mode = DOWN;
    return 'done';
  });
  expect(result).toBe('done');
  expect(seen.at(-1)).toEqual(['released', { lock: held, confirmed: false }]);
});

test('rejects with LockLostError when the lock was lost before the routine had finished', async () => {
  const { redlock, runtime, nodes, names } = threeNodes();
  const running = redlock.using('r', 9000, async (signal) => {
    for (const node of nodes) await node.server.steal('r', 'another');
    await once(signal, 'abort');
    return 'done';
  });
  const rejected = rejectionOf(running);
  await runtime.advance(3000);
  expect(await rejected).toMatchObject({ code: 'LOCK_LOST', cause: { code: 'TAKEN' } });
  expect(names()).toEqual(['acquired', 'lost']);
});

test('rejects with LockLostError also when validity ended before any timer could tell', async () => {
  const { redlock, runtime } = threeNodes();
  const running = redlock.using('r', 10_000, () => {
    runtime.suspend(9898);
    return 'done';
  });
  expect(await rejectionOf(running)).toMatchObject({ cause: { code: 'EXPIRED' } });
});

test('a routine that releases the lock itself is no loss', async () => {
  const { redlock, a } = threeNodes();
  expect(await redlock.using('r', 10_000, async (_signal, lock) => lock.release())).toBe(true);
  expect(a.kinds).toEqual(['grant', 'release']);
});

test('the routine is not run without the lock', async () => {
  const { redlock, nodes } = threeNodes();
  for (const node of nodes) await node.server.steal('r', 'other');
  let runs = 0;
  const running = redlock.using('r', 10_000, { wait: 0 }, () => runs++);
  expect(await rejectionOf(running)).toMatchObject({ code: 'RESOURCE_LOCKED' });
  expect(runs).toBe(0);
});

test('an abort of the caller does not touch a lock that is held', async () => {
  const { redlock } = threeNodes();
  const caller = new AbortController();
  const aborted = await redlock.using('r', 10_000, { signal: caller.signal }, async (signal) => {
    caller.abort();
    await settle();
    return signal.aborted;
  });
  expect(aborted).toBe(false);
});
