import { getEventListeners } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import type { RedlockOptions } from 'redlock-core';
import { settle } from '../support/settle.js';
import { nodesNamed, redlockOver, threeNodes } from '../support/three-nodes.js';

const DOWN = new Error('connect ECONNREFUSED 127.0.0.1:6379');
const NO_JITTER = { retryDelay: 100, retryJitter: 0 };

async function locked(options: RedlockOptions = NO_JITTER) {
  const three = threeNodes(options);
  for (const node of three.nodes) await node.server.steal('r', 'other');
  const free = async (): Promise<void> => {
    for (const node of three.nodes) await node.server.steal('r');
  };
  const tries = (): number => three.a.all('grant').length;
  return { ...three, free, tries };
}

describe('waiting', () => {
  test('with wait 0 is one attempt', async () => {
    const { redlock, runtime } = await locked();
    const error = await rejectionOf(redlock.acquire('r', 10_000, { wait: 0 }));
    expect(error).toMatchObject({ code: 'RESOURCE_LOCKED', resources: ['r'] });
    expect(runtime.tokens).toHaveLength(1);
  });

  test('for some time tries again and again, and rejects when it is over', async () => {
    const { redlock, runtime, tries } = await locked();
    let error: unknown;
    const tried = rejectionOf(redlock.acquire('r', 10_000, { wait: 350 })).then(
      (reason) => (error = reason),
    );
    await runtime.advance(349);
    expect(error).toBeUndefined();
    expect(tries()).toBe(4);
    await runtime.advance(1);
    await tried;
    expect(error).toMatchObject({ code: 'RESOURCE_LOCKED' });
    expect(tries()).toBe(4);
  });

  test('is 5 s by default', async () => {
    const { redlock, runtime, tries } = await locked();
    const tried = rejectionOf(redlock.acquire('r', 10_000));
    await runtime.advance(5000);
    expect(await tried).toMatchObject({ code: 'RESOURCE_LOCKED' });
    expect(tries()).toBe(50);
  });

  test('for ever ends when the lock is free', async () => {
    const { redlock, runtime, free } = await locked();
    const acquiring = redlock.acquire('r', 10_000, { wait: Infinity });
    await runtime.advance(600_000);
    await free();
    await runtime.advance(100);
    expect((await acquiring).remaining()).toBeGreaterThan(0);
  });

  test('pauses for retryDelay and a random part of retryJitter', async () => {
    const { redlock, runtime, free, tries } = await locked({ retryDelay: 200, retryJitter: 100 });
    runtime.chance = 0.4;
    const acquiring = redlock.acquire('r', 10_000);
    await runtime.advance(239);
    await free();
    expect(tries()).toBe(1);
    await runtime.advance(1);
    await acquiring;
    expect(tries()).toBe(2);
  });

  test('outlasts nodes that are away', async () => {
    const { redlock, runtime, nodes } = threeNodes(NO_JITTER);
    for (const node of nodes) node.mode = DOWN;
    const acquiring = redlock.acquire('r', 10_000);
    await runtime.advance(1000);
    for (const node of nodes) node.answer();
    await runtime.advance(100);
    expect((await acquiring).remaining()).toBeGreaterThan(0);
  });

  test('the last attempt says whether it was busy or broken', async () => {
    const { redlock, runtime, nodes } = await locked();
    const tried = rejectionOf(redlock.acquire('r', 10_000, { wait: 250 }));
    await runtime.advance(150);
    for (const node of nodes) node.mode = DOWN;
    await runtime.advance(100);
    expect(await tried).toMatchObject({ code: 'QUORUM_UNAVAILABLE' });
  });

  test('an attempt under way at its end is decided as usual', async () => {
    const { redlock, runtime, nodes, free } = await locked();
    const acquiring = redlock.acquire('r', 10_000, { wait: 150 });
    await runtime.advance(99);
    await free();
    for (const node of nodes) node.mode = 'hold';
    await runtime.advance(101);
    for (const node of nodes) node.answer();
    expect((await acquiring).remaining()).toBeGreaterThan(0);
  });
});

describe('busy is told apart from broken', () => {
  test('tryAcquire is null when others hold it', async () => {
    const { redlock } = await locked();
    expect(await redlock.tryAcquire('r', 10_000)).toBeNull();
  });

  test('tryAcquire rejects with QuorumError when nodes are away', async () => {
    const { redlock, a, b } = threeNodes();
    a.mode = DOWN;
    b.mode = DOWN;
    expect(await rejectionOf(redlock.tryAcquire('r', 10_000))).toMatchObject({
      code: 'QUORUM_UNAVAILABLE',
    });
  });

  test('one dead node and a held lock is busy', async () => {
    const { redlock, c } = await locked();
    c.mode = DOWN;
    expect(await redlock.tryAcquire('r', 10_000)).toBeNull();
  });

  test.each([1, 2, 4, 5, 6])('%i free nodes grant, and a second owner is denied', async (count) => {
    const { redlock } = redlockOver(nodesNamed(count));
    const lock = await redlock.tryAcquire('r', 10_000);
    expect(lock).not.toBeNull();
    expect(await redlock.tryAcquire('r', 10_000)).toBeNull();
  });
});

describe('signal', () => {
  const reason = new Error('no longer wanted');

  test('aborted before: nothing is sent', async () => {
    const { redlock, nodes } = threeNodes();
    const acquiring = redlock.acquire('r', 10_000, { signal: AbortSignal.abort(reason) });
    expect(await rejectionOf(acquiring)).toBe(reason);
    for (const node of nodes) expect(node.commands).toEqual([]);
  });

  test('aborted during the wait: nothing is left, no timer, no listener', async () => {
    const { redlock, runtime, tries } = await locked();
    const caller = new AbortController();
    const rejected = rejectionOf(redlock.acquire('r', 10_000, { signal: caller.signal }));
    await runtime.advance(50);
    caller.abort(reason);
    expect(await rejected).toBe(reason);
    expect(runtime.pending).toEqual([]);
    expect(getEventListeners(caller.signal, 'abort')).toEqual([]);
    await runtime.advance(1000);
    expect(tries()).toBe(1);
  });

  test('aborted during an attempt that succeeds: released before it rejects', async () => {
    const { redlock, nodes } = threeNodes();
    const caller = new AbortController();
    for (const node of nodes) node.mode = 'hold';
    const rejected = rejectionOf(redlock.acquire('r', 10_000, { signal: caller.signal }));
    await settle();
    caller.abort(reason);
    for (const node of nodes) node.answer();
    expect(await rejected).toBe(reason);
    for (const node of nodes) expect(await node.server.holderOf('r')).toBeNull();
  });

  test('aborted during an attempt that fails: its reason wins', async () => {
    const { redlock, nodes } = await locked();
    const caller = new AbortController();
    for (const node of nodes) node.mode = 'hold';
    const rejected = rejectionOf(redlock.tryAcquire('r', 10_000, { signal: caller.signal }));
    await settle();
    caller.abort(reason);
    for (const node of nodes) node.answer();
    expect(await rejected).toBe(reason);
  });

  test('that is not aborted has no listener left when the lock is held', async () => {
    const { redlock, runtime, free } = await locked();
    const { signal } = new AbortController();
    const acquiring = redlock.acquire('r', 10_000, { signal });
    await runtime.advance(50);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await free();
    await runtime.advance(100);
    await acquiring;
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('of tryAcquire counts as well', async () => {
    const { redlock } = threeNodes();
    const trying = redlock.tryAcquire('r', 10_000, { signal: AbortSignal.abort(reason) });
    expect(await rejectionOf(trying)).toBe(reason);
  });
});

describe('close()', () => {
  const closed = { name: 'RedlockError', code: 'CLOSED', resources: ['r'], votes: [] };

  test('rejects waiters, and leaves no timer', async () => {
    const { redlock, runtime } = await locked();
    const waiters = [1, 2].map(() => rejectionOf(redlock.acquire('r', 10_000)));
    await runtime.advance(50);
    await redlock.close();
    for (const waiter of waiters) expect(await waiter).toMatchObject(closed);
    expect(runtime.pending).toEqual([]);
  });

  test('leaves no timer of what has been answered', async () => {
    const { redlock, runtime } = threeNodes();
    await redlock.inspect('r');
    await redlock.close();
    expect(runtime.pending).toEqual([]);
  });

  test('releases what an attempt under way is granted', async () => {
    const { redlock, nodes } = threeNodes();
    for (const node of nodes) node.mode = 'hold';
    const waiter = rejectionOf(redlock.acquire('r', 10_000));
    await settle();
    const closing = redlock.close();
    await settle();
    // Not before what the attempt got is released: the client is needed for that.
    for (const node of nodes) expect(node.closes).toBe(0);
    for (const node of nodes) node.answer();
    expect(await waiter).toMatchObject(closed);
    await closing;
    for (const node of nodes) expect(await node.server.holderOf('r')).toBeNull();
    for (const node of nodes) expect(node.closes).toBe(1);
  });

  test('rejects every later call', async () => {
    const { redlock, nodes } = threeNodes();
    await redlock.close();
    const calls = [
      redlock.acquire('r', 10_000),
      redlock.tryAcquire('r', 10_000),
      redlock.using('r', 10_000, () => 'done'),
      redlock.inspect('r'),
    ];
    for (const call of calls) expect(await rejectionOf(call)).toMatchObject(closed);
    for (const node of nodes) expect(node.commands).toEqual([]);
  });

  test('closes the clients that adapters made, and listens to none any more', async () => {
    const { redlock, nodes } = threeNodes();
    await redlock.close();
    for (const node of nodes) expect(node).toMatchObject({ closes: 1, listeners: 0 });
  });

  test('comes at the end of `await using`', async () => {
    const { redlock, nodes } = threeNodes();
    {
      await using own = redlock;
      await own.inspect('r');
    }
    for (const node of nodes) expect(node.closes).toBe(1);
  });
});

describe('several resources', () => {
  test('are all or nothing', async () => {
    const { redlock, nodes } = threeNodes();
    for (const node of nodes) await node.server.steal('b', 'other');
    expect(await redlock.tryAcquire(['a', 'b', 'c'], 10_000)).toBeNull();
    for (const node of nodes) {
      expect(await node.server.holderOf('a')).toBeNull();
      expect(await node.server.holderOf('b')).toBe('other');
    }
    const lock = await redlock.acquire(['a', 'c'], 10_000);
    for (const node of nodes) {
      expect(await node.server.holderOf('a')).toBe(lock.token);
      expect(await node.server.holderOf('c')).toBe(lock.token);
    }
    expect(await lock.release()).toBe(true);
    expect(await redlock.tryAcquire(['c', 'a'], 10_000)).not.toBeNull();
  });

  test('that are named twice are one', async () => {
    const { redlock, a } = threeNodes();
    const lock = await redlock.acquire(['x', 'y', 'x'], 10_000);
    expect(lock.resources).toEqual(['x', 'y']);
    expect(a.latest('grant').keys).toEqual(['x', 'y']);
    expect(await lock.release()).toBe(true);
  });

  test('may be 1,000', async () => {
    const { redlock, a } = threeNodes();
    const resources = Array.from({ length: 1000 }, (_, index) => `r${index}`);
    const lock = await redlock.acquire([...resources, ...resources], 10_000);
    expect(lock.resources).toEqual(resources);
    expect(a.latest('grant').keys).toEqual(resources);
  });
});

test('the key is keyPrefix and resource; the lock has the resource as given', async () => {
  const { redlock, a } = threeNodes({ keyPrefix: 'app:' });
  const lock = await redlock.acquire('r', 10_000);
  expect(lock.resources).toEqual(['r']);
  expect(await a.server.holderOf('app:r')).toBe(lock.token);
});
