import { once } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { LockLostError, type CloseOptions, type Lock, type RedlockError } from 'redlock-core';
import { settle } from './support/settle.js';
import { threeNodes } from './support/three-nodes.js';

/** A routine under way, which ends when the test says so. */
async function working(options: { reentrant?: boolean } = {}) {
  const three = threeNodes();
  const ending = new AbortController();
  const locks: Lock[] = [];
  const done = three.redlock.using('r', 10_000, options, async (_signal, lock) => {
    locks.push(lock);
    await once(ending.signal, 'abort');
    return 'done';
  });
  const outcome = done.catch((error: unknown) => error);
  await settle();
  const [{ signal }] = locks as [Lock];
  return { ...three, end: () => ending.abort(), signal, outcome };
}

describe('close() after a grant to using', () => {
  const hops = Array.from({ length: 8 }, (_, count) => ({ count }));

  test.each(hops)(
    'by $count microtasks: the routine does not begin, or its signal is aborted',
    async ({ count }) => {
      const { redlock, nodes } = threeNodes();
      const closing = new Promise((resolve) => {
        redlock.on('acquired', () => {
          let waited = Promise.resolve();
          for (let hop = 0; hop < count; hop++) waited = waited.then(() => {});
          resolve(waited.then(() => redlock.close()));
        });
      });
      const outcome = redlock
        .using('r', 10_000, async (signal) => {
          await closing;
          return signal.aborted ? 'aborted' : 'trusted';
        })
        .catch((error: RedlockError) => error.code);
      await closing;
      expect(['CLOSED', 'aborted']).toContain(await outcome);
      await settle();
      for (const node of nodes) expect(await node.server.holderOf('r')).toBeNull();
    },
  );
});

describe('close() under a using routine', () => {
  test('aborts its signal at once: the lock is not extended any more', async () => {
    const { redlock, runtime, signal, outcome, end, nodes, seen } = await working();
    await redlock.close();
    expect(signal.reason).toBeInstanceOf(LockLostError);
    expect(signal.reason).toMatchObject({
      cause: { code: 'CLOSED' },
      message: expect.stringMatching(/^The lock on "r" ends: this Redlock was closed/),
    });
    expect(seen.at(-1)).toEqual(['lost', { lock: expect.anything(), error: signal.reason }]);
    await runtime.advance(9000);
    for (const node of nodes) expect(node.all('extend')).toEqual([]);
    end();
    expect(await outcome).toBe('done');
  });

  test('which ends within the validity, is done under the lock, and the lock released', async () => {
    const { redlock, outcome, end, nodes, names } = await working();
    await redlock.close();
    end();
    expect(await outcome).toBe('done');
    await settle();
    for (const node of nodes) expect(await node.server.holderOf('r')).toBeNull();
    expect(names()).toEqual(['acquired', 'lost', 'released']);
  });

  test('which ends after it, has lost the lock, which is told once', async () => {
    const { redlock, runtime, outcome, end, names } = await working();
    await redlock.close();
    await runtime.advance(10_000);
    end();
    expect(await outcome).toMatchObject({ code: 'LOCK_LOST', cause: { code: 'EXPIRED' } });
    expect(names()).toEqual(['acquired', 'lost']);
  });

  test('does not wait for it', async () => {
    const { redlock, outcome, end } = await working();
    await redlock.close();
    end();
    expect(await outcome).toBe('done');
  });

  test('leaves the signals of other locks alone', async () => {
    const { redlock, runtime } = threeNodes();
    const lock = await redlock.acquire('r', 10_000, { autoExtend: true });
    const { signal } = lock;
    await redlock.close();
    expect(signal.aborted).toBe(false);
    expect(lock.remaining()).toBeGreaterThan(0);
    await runtime.advance(10_000);
    expect(signal.reason).toMatchObject({ cause: { code: 'EXPIRED' } });
  });
});

describe('close({ release: true })', () => {
  test('releases what is held on every node, and waits for that', async () => {
    const { redlock, nodes, seen, a } = threeNodes();
    const lock = await redlock.acquire(['r', 's'], 10_000);
    await settle();
    for (const node of nodes) node.mode = 'hold';
    let closed = false;
    const closing = redlock.close({ release: true }).then(() => (closed = true));
    await settle();
    expect(lock.remaining()).toBe(0);
    for (const node of nodes) {
      expect(node.kinds).toEqual(['grant', 'release']);
      expect(closed).toBe(false);
      node.answer();
      await settle();
    }
    await closing;
    expect(await a.server.holderOf('r')).toBeNull();
    expect(seen.at(-1)).toEqual(['released', { lock, confirmed: true }]);
    expect(lock.signal.aborted).toBe(false);
    expect(await rejectionOf(lock.extend())).toMatchObject({ cause: { code: 'RELEASED' } });
    expect(await lock.release()).toBe(false);
  });

  test('waits for nodes that are away no longer than the node timeout', async () => {
    const { redlock, runtime, nodes } = threeNodes({ nodeTimeout: 300 });
    await redlock.acquire('r', 10_000);
    for (const node of nodes) node.mode = 'hold';
    const closing = redlock.close({ release: true });
    await runtime.advance(300);
    await closing;
  });

  test.each([{}, { reentrant: true }])(
    'ends using routines too, whose lock is gone then: %j',
    async (options) => {
      const { redlock, signal, outcome, end, nodes } = await working(options);
      await redlock.close({ release: true });
      expect(signal.reason).toMatchObject({ cause: { code: 'CLOSED' } });
      for (const node of nodes) expect(await node.server.holderOf('r')).toBeNull();
      end();
      expect(await outcome).toBe(signal.reason);
    },
  );

  test('releases after a plain close(), too', async () => {
    const { redlock, nodes } = threeNodes();
    await redlock.acquire('r', 10_000);
    await redlock.close();
    await redlock.close({ release: true });
    for (const node of nodes) expect(await node.server.holderOf('r')).toBeNull();
  });

  test.each<[CloseOptions, string]>([
    [{ release: 1 as never }, 'release must be a boolean'],
    [true as never, 'options must be an object'],
    [{ relase: true } as never, 'There is no option "relase"; did you mean release?'],
  ])('refuses %j, and closes nothing', async (options, message) => {
    const { redlock } = threeNodes();
    expect(await rejectionOf(redlock.close(options))).toMatchObject({ name: 'TypeError', message });
    await redlock.acquire('r', 10_000);
  });
});

test('a release after close(), through a client that is closed with it, promises nothing that never follows', async () => {
  const { redlock, nodes, seen } = threeNodes();
  const lock = await redlock.acquire('r', 10_000);
  await settle();
  await redlock.close();
  for (const node of nodes) node.disconnect();
  expect(await lock.release()).toBe(false);
  expect(seen.at(-1)).toEqual(['released', { lock, confirmed: false }]);
  const failures = seen.filter(([event]) => event === 'nodeFailed').map(([, payload]) => payload);
  const error = { code: 'CLOSED', message: expect.stringMatching(/ends with its ttl$/) };
  expect(failures).toMatchObject([{ error }, { error }, { error }]);
});
