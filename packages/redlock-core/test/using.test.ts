import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import type { Lock } from 'redlock-core';
import { settle } from './support/settle.js';
import { DOWN } from './support/test-node.js';
import { TTL, world, type World } from './support/world.js';

test('using runs the routine under the lock, with its signal, and resolves with the result', async () => {
  const { redlock, holders, everywhere, names } = world();
  const result = await redlock.using('r', TTL, async (signal, lock) => {
    expect(await holders()).toEqual(everywhere(lock.token));
    expect(signal.aborted).toBe(false);
    return 'done';
  });
  expect(result).toBe('done');
  expect(await holders()).toEqual(everywhere(null));
  expect(names()).toEqual(['acquired', 'released']);
});

test('extension: using extends the lock while the routine runs, whatever autoExtend says', async () => {
  const { redlock, time } = world();
  const end = new AbortController();
  const running = redlock.using('r', 3000, { autoExtend: false }, async (signal) => {
    await once(end.signal, 'abort');
    return signal.aborted;
  });
  await time.advance(60_000);
  end.abort();
  expect(await running).toBe(false);
  await time.advance(1000);
  expect(time.pending).toEqual([]);
});

test.each<[string, (all: World) => void]>([
  ['nothing else fails', () => {}],
  ['the release fails', ({ nodes }) => nodes.forEach((node) => node.fail())],
  ['the lock is lost', ({ time }) => time.suspend(60_000)],
])('using rejects with the error of the routine if %s', async (_, happens) => {
  const all = world();
  const own = new Error('the routine');
  const running = all.redlock.using('r', TTL, () => {
    happens(all);
    throw own;
  });
  expect(await rejectionOf(running)).toBe(own);
});

test('using resolves with the result if only the release fails, which is an event', async () => {
  const { redlock, nodes, seen } = world();
  let held: Lock | undefined;
  const result = await redlock.using('r', TTL, (_signal, lock) => {
    held = lock;
    for (const node of nodes) node.mode = DOWN;
    return 'done';
  });
  expect(result).toBe('done');
  expect(seen.at(-1)).toEqual(['released', { lock: held, confirmed: false }]);
});

test('errors: using rejects with LockLostError if the lock was lost before the routine ended', async () => {
  const { redlock, time, steal, names } = world();
  const running = redlock.using('r', 9000, async (signal) => {
    await steal('another');
    await once(signal, 'abort');
    return 'done';
  });
  const rejected = rejectionOf(running);
  await time.advance(3000);
  expect(await rejected).toMatchObject({ code: 'LOCK_LOST', reason: 'NOT_HELD' });
  expect(names()).toEqual(['acquired', 'lost']);
});

test('errors: using rejects with LockLostError if the validity ended before a timer could fire', async () => {
  const { redlock, time } = world();
  const running = redlock.using('r', TTL, () => {
    time.suspend(9898);
    return 'done';
  });
  expect(await rejectionOf(running)).toMatchObject({ reason: 'EXPIRED' });
});

test('a routine that releases its lock itself loses nothing, and the lock is released once', async () => {
  const { redlock, a } = world();
  expect(await redlock.using('r', TTL, async (_signal, lock) => lock.release())).toBe(true);
  expect(a.releases).toBe(1);
});

test("time-limit: the caller's signal aborts that of the routine, whose result decides, and not the lock", async () => {
  const { redlock, holders, everywhere } = world();
  const caller = new AbortController();
  const result = await redlock.using('r', TTL, { signal: caller.signal }, async (signal, lock) => {
    caller.abort();
    await settle();
    expect(signal.reason).toBe(caller.signal.reason);
    expect(lock.signal.aborted).toBe(false);
    expect(await holders()).toEqual(everywhere(lock.token));
    return 'done';
  });
  expect(result).toBe('done');
  expect(await holders()).toEqual(everywhere(null));
});

test('tryUsing runs the routine if the lock is free, and says so', async () => {
  const { redlock, holders, everywhere } = world();
  const result = await redlock.tryUsing('r', TTL, async (_, lock) => {
    expect(await holders()).toEqual(everywhere(lock.token));
    return 'done';
  });
  expect(result).toEqual({ acquired: true, value: 'done' });
  expect(await holders()).toEqual(everywhere(null));
});

test('tryUsing does not wait for another holder, and does not run the routine', async () => {
  const { redlock, steal, runtime } = world();
  await steal('other');
  const start = runtime.now();
  let runs = 0;
  expect(await redlock.tryUsing('r', TTL, { maxHold: 1000 }, () => runs++)).toEqual({
    acquired: false,
  });
  expect(runs).toBe(0);
  expect(runtime.now()).toBe(start);
});

test('tryUsing rejects with the error of its routine, and if too many nodes fail', async () => {
  const { redlock, nodes } = world();
  const own = new Error('the routine');
  const running = redlock.tryUsing('r', TTL, () => {
    throw own;
  });
  expect(await rejectionOf(running)).toBe(own);
  for (const node of nodes) node.fail();
  const failing = redlock.tryUsing('r', TTL, () => null);
  expect(await rejectionOf(failing)).toMatchObject({ code: 'QUORUM_UNAVAILABLE' });
});
