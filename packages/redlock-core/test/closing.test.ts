import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import { expect, jest, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { RedlockClosedError, type Lock, type RedlockError } from 'redlock-core';
import { outcomeOf } from './support/outcome.js';
import { settle } from './support/settle.js';
import { held, TTL, world } from './support/world.js';

/** A routine under way, which ends when the test says so. */
async function working(options: { reentrant?: boolean } = {}) {
  const all = world();
  const ending = new AbortController();
  const running: [AbortSignal, Lock][] = [];
  const done = all.redlock.using('r', TTL, options, async (...args) => {
    running.push(args);
    await once(ending.signal, 'abort');
    return 'done';
  });
  const outcome = done.catch((error: unknown) => error);
  await settle();
  const [[signal, lock]] = running as [[AbortSignal, Lock]];
  return { ...all, end: () => ending.abort(), signal, lock, outcome };
}

test.each([0, 1, 2, 3, 4, 5, 6, 7])(
  'closing: close() after %i microtasks, the routine does not begin, or its signal is aborted',
  async (count) => {
    const { redlock, holders, everywhere } = world();
    const closing = new Promise((resolve) => {
      redlock.on('acquired', () => {
        let waited = Promise.resolve();
        for (let hop = 0; hop < count; hop++) waited = waited.then(() => {});
        resolve(waited.then(() => redlock.close()));
      });
    });
    const outcome = redlock
      .using('r', TTL, async (signal) => {
        await closing;
        return signal.aborted ? 'aborted' : 'trusted';
      })
      .catch((error: RedlockError) => error.code);
    await closing;
    expect(['CLOSED', 'aborted']).toContain(await outcome);
    await settle();
    expect(await holders()).toEqual(everywhere(null));
  },
);

test('closing: close() under a using routine aborts its signal at once, and the lock is not extended any more', async () => {
  const { redlock, time, signal, lock, outcome, end, nodes, names } = await working();
  await redlock.close();
  expect(signal.reason).toBeInstanceOf(RedlockClosedError);
  expect(signal.reason).toMatchObject({ code: 'CLOSED', resources: ['r'] });
  expect(lock.signal.aborted).toBe(false);
  expect(names()).toEqual(['acquired']);
  await time.advance(9000);
  for (const node of nodes) expect(node.extends).toBe(0);
  end();
  expect(await outcome).toBe('done');
});

test('closing: a routine that ends after the validity has lost its lock, without an event', async () => {
  const { redlock, time, outcome, end, names } = await working();
  await redlock.close();
  await time.advance(TTL);
  end();
  expect(await outcome).toMatchObject({ code: 'LOCK_LOST', reason: 'EXPIRED' });
  expect(names()).toEqual(['acquired']);
});

test('closing: close({ release: true }) releases held locks on every node, and waits for that', async () => {
  const { redlock, nodes, seen, lock, holders, everywhere } = await held(['r', 's']);
  for (const node of nodes) node.mode = 'hold';
  let closed = false;
  const closing = redlock.close({ release: true }).then(() => (closed = true));
  await settle();
  expect(lock.remaining()).toBe(0);
  for (const node of nodes) {
    expect(closed).toBe(false);
    node.answer();
    await settle();
  }
  await closing;
  expect(await holders()).toEqual(everywhere(null));
  expect(seen.at(-1)).toEqual(['released', { lock, confirmed: true }]);
  expect(lock.signal.aborted).toBe(false);
  expect(await rejectionOf(lock.extend())).toMatchObject({
    code: 'CLOSED',
    resources: ['r', 's'],
  });
  expect(await lock.release()).toBe(false);
});

test.each([{}, { reentrant: true }])(
  'closing: close({ release: true }) also releases the lock of a using routine with %j, whose using then rejects as CLOSED',
  async (options) => {
    const { redlock, signal, outcome, end, holders, everywhere } = await working(options);
    await redlock.close({ release: true });
    expect(signal.reason).toMatchObject({ code: 'CLOSED' });
    expect(await holders()).toEqual(everywhere(null));
    end();
    expect(await outcome).toMatchObject({ code: 'CLOSED', resources: ['r'] });
  },
);

test('closing: a release after close() over clients that were closed is not confirmed, and emits no event', async () => {
  const { redlock, nodes, names, lock } = await held();
  await redlock.close();
  for (const node of nodes) node.disconnect();
  expect(await lock.release()).toBe(false);
  expect(names()).toEqual(['acquired']);
});

test('closing: a reentrant Redlock costs other promises of the process nothing once it is closed', async () => {
  const disable = jest.spyOn(AsyncLocalStorage.prototype, 'disable');
  const { redlock } = world(3, { reentrant: true });
  await redlock.using('r', TTL, () => redlock.acquire('r', TTL));
  await redlock.close();
  expect(disable).toHaveBeenCalledTimes(1);
  disable.mockRestore();
});

test('closing: close() waits for a release that is under way over clients that stay open, at most a node timeout', async () => {
  const { redlock, runtime, nodes, lock } = await held();
  for (const node of nodes) node.mode = 'hold';
  void lock.release();
  await settle();
  const closing = outcomeOf(redlock.close().then(() => 'closed'));
  await settle();
  expect(closing.value).toBeUndefined();
  for (const node of nodes.slice(1)) node.answer();
  await runtime.advance(1000);
  expect(closing.value).toBe('closed');
});
