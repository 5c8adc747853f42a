import { describe, expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { LockLostError, QuorumError, type Lock, type LossCode } from 'redlock-core';
import { settle } from '../support/settle.js';
import type { TestNode } from '../support/test-node.js';
import { threeNodes } from '../support/three-nodes.js';

const DOWN = new Error('connect ECONNREFUSED 127.0.0.1:6379');

async function held(ttl = 10_000) {
  const three = threeNodes();
  const lock = await three.redlock.acquire('r', ttl);
  await settle();
  return { ...three, lock };
}

function lossOf(lock: Lock): LossCode | undefined {
  const reason: unknown = lock.signal.reason;
  return LockLostError.is(reason) ? reason.cause.code : undefined;
}

async function extensionFails(lock: Lock): Promise<unknown> {
  return rejectionOf(lock.extend());
}

async function takeFrom(...nodes: readonly TestNode[]): Promise<void> {
  for (const node of nodes) await node.server.steal('r', 'another');
}

describe('extend', () => {
  test('starts the ttl anew, from when it was sent', async () => {
    const { lock, runtime, nodes } = await held();
    await runtime.advance(4000);
    for (const node of nodes) node.mode = 'hold';
    const extending = lock.extend();
    await runtime.advance(100);
    for (const node of nodes) node.answer();
    await extending;
    expect(lock.remaining()).toBe(9898 - 100);
  });

  test('takes the ttl of the last extension that succeeded', async () => {
    const { lock, a, nodes } = await held();
    await lock.extend();
    await lock.extend(20_000);
    await lock.extend();
    for (const node of nodes) node.mode = DOWN;
    await rejectionOf(lock.extend(60_000));
    for (const node of nodes) node.answer();
    await lock.extend();
    const ttls = a.all('extend').map(({ ttl }) => ttl);
    expect(ttls).toEqual([10_000, 20_000, 20_000, 60_000, 20_000]);
  });

  test('is sent when the one before is decided', async () => {
    const { lock, nodes, a } = await held();
    for (const node of nodes) node.mode = 'hold';
    const both = Promise.all([lock.extend(20_000), lock.extend(5000)]);
    await settle();
    expect(a.latest('extend').ttl).toBe(20_000);
    for (const node of nodes) node.answer();
    await both;
    expect(a.latest('extend').ttl).toBe(5000);
    expect(lock.remaining()).toBe(20_000 - 202);
  });

  test('to a shorter ttl shortens nothing: not the trust, and not the keys', async () => {
    const { redlock, nodes, runtime } = threeNodes();
    for (const { server } of nodes) server.expiry = runtime.now;
    const lock = await redlock.acquire('r', 10_000);
    await lock.extend(100);
    expect(lock.remaining()).toBe(10_000 - 102);
    await runtime.advance(9000);
    for (const { server } of nodes) expect(await server.holderOf('r')).toBe(lock.token);
    expect(lock.remaining()).toBe(1000 - 102);
  });

  test('that fails changes nothing: the validity before it goes on', async () => {
    const { lock, nodes, runtime } = await held();
    for (const node of nodes) node.mode = 'hold';
    const failed = rejectionOf(lock.extend(2000));
    await runtime.advance(100);
    expect(await failed).toBeInstanceOf(QuorumError);
    expect(lock.remaining()).toBe(10_000 - 102 - 100);
  });

  test('rejects with QuorumError when nodes are out of reach, and can be tried again', async () => {
    const { lock, a, b, names } = await held();
    a.mode = DOWN;
    b.mode = DOWN;
    const error = await extensionFails(lock);
    expect(error).toBeInstanceOf(QuorumError);
    expect(error).toMatchObject({ resources: ['r'], votes: [{ node: 'a' }, { node: 'b' }] });
    expect(lock.signal.aborted).toBe(false);
    a.mode = 'answer';
    await lock.extend();
    expect(names()).toEqual(['acquired', 'nodeFailed', 'nodeFailed', 'nodeRecovered', 'extended']);
  });

  test('that fails leaves the surviving grants where they are', async () => {
    const { lock, a, b, c } = await held();
    a.mode = DOWN;
    b.mode = DOWN;
    await extensionFails(lock);
    expect(c.kinds).toEqual(['grant', 'extend']);
    expect(await c.server.holderOf('r')).toBe(lock.token);
  });

  test('outlives a minority that has lost the key', async () => {
    const { lock, a } = await held();
    await takeFrom(a);
    await lock.extend();
    expect(lock.signal.aborted).toBe(false);
  });
});

describe('a lock is lost', () => {
  test('TAKEN, at once, when too many nodes say that it is not ours', async () => {
    const { lock, a, b, c } = await held();
    const { signal } = lock;
    await takeFrom(a, b);
    const error = await extensionFails(lock);
    expect(error).toBeInstanceOf(LockLostError);
    expect(error).toMatchObject({
      cause: { code: 'TAKEN' },
      votes: [{ vote: 'denied' }, { vote: 'denied' }],
    });
    expect(signal.reason).toBe(error);
    expect(await extensionFails(lock)).toBe(error);
    await settle();
    // What is left of it is released, and nothing of the new owner's.
    expect(await c.server.holderOf('r')).toBeNull();
    expect(await a.server.holderOf('r')).toBe('another');
  });

  test('EXPIRED, to the ms, when its validity ends', async () => {
    const { lock, runtime, a } = await held();
    const { signal } = lock;
    await runtime.advance(9897);
    expect(signal.aborted).toBe(false);
    await runtime.advance(1);
    expect(lossOf(lock)).toBe('EXPIRED');
    expect(await extensionFails(lock)).toBe(signal.reason);
    expect(a.kinds).toEqual(['grant', 'release']);
  });

  test('EXPIRED, within a second, after a suspension beyond its validity', async () => {
    const { lock, runtime } = await held();
    const { signal } = lock;
    runtime.suspend(9898);
    await runtime.advance(1000);
    expect(signal.aborted).toBe(true);
    expect(lossOf(lock)).toBe('EXPIRED');
  });

  test('whoever looks first: remaining() aborts the signal that no timer has aborted yet', async () => {
    const { lock, runtime } = await held();
    const { signal } = lock;
    runtime.suspend(9898);
    expect(lock.remaining()).toBe(0);
    expect(signal.aborted).toBe(true);
  });

  test('UNREACHABLE when its validity ends while fewer than a quorum answered', async () => {
    const { lock, nodes, runtime } = await held();
    for (const node of nodes) node.mode = DOWN;
    await extensionFails(lock);
    await runtime.advance(9898);
    expect(lossOf(lock)).toBe('UNREACHABLE');
  });

  test('EXPIRED, not UNREACHABLE, when a quorum answered the last extension', async () => {
    const { lock, a, b, runtime } = await held();
    await takeFrom(a);
    b.mode = DOWN;
    expect(await extensionFails(lock)).toBeInstanceOf(QuorumError);
    await runtime.advance(9898);
    expect(lossOf(lock)).toBe('EXPIRED');
  });

  test('though the quorum for its extension arrives later', async () => {
    const { redlock, nodes, runtime } = threeNodes({ nodeTimeout: 1000 });
    const lock = await redlock.acquire('r', 500);
    await runtime.advance(400);
    for (const node of nodes) node.mode = 'hold';
    const failed = extensionFails(lock);
    await runtime.advance(93);
    for (const node of nodes) node.answer();
    expect(await failed).toMatchObject({ cause: { code: 'UNREACHABLE' } });
    expect(lock.remaining()).toBe(0);
  });

  test('exactly once: one event, one abort, one error', async () => {
    const { lock, runtime, seen, names } = await held();
    let aborts = 0;
    lock.signal.addEventListener('abort', () => aborts++);
    await runtime.advance(20_000);
    lock.remaining();
    const error = await extensionFails(lock);
    expect(await lock.release()).toBe(false);
    expect(aborts).toBe(1);
    expect(names()).toEqual(['acquired', 'lost']);
    expect(seen[1]).toEqual(['lost', { lock, error }]);
    expect(runtime.pending).toEqual([]);
  });

  test('and a signal obtained after that is aborted with the same error', async () => {
    const { lock, runtime, seen } = await held();
    await runtime.advance(9898);
    expect(seen.at(-1)).toEqual(['lost', { lock, error: lock.signal.reason }]);
    expect(lock.signal.aborted).toBe(true);
    expect(lock.signal).toBe(lock.signal);
  });
});

describe('release', () => {
  test('frees every node, once, and says that a quorum held it until now', async () => {
    const { lock, nodes, names, runtime } = await held();
    const releases = await Promise.all([lock.release(), lock.release()]);
    expect([...releases, await lock.release()]).toEqual([true, true, true]);
    await settle();
    for (const node of nodes) expect(node.kinds).toEqual(['grant', 'release']);
    expect(names()).toEqual(['acquired', 'released']);
    expect(lock.remaining()).toBe(0);
    await runtime.advance(10);
    expect(runtime.pending).toEqual([]);
  });

  test('does not abort the signal', async () => {
    const { lock, runtime } = await held();
    const { signal } = lock;
    await lock.release();
    await runtime.advance(20_000);
    expect(signal.aborted).toBe(false);
  });

  test.each([
    ['one node is down', true, async (a: TestNode) => void (a.mode = DOWN)],
    ['a quorum is down', false, async (a: TestNode, b: TestNode) => void (a.mode = b.mode = DOWN)],
    ['a quorum lost it', false, async (a: TestNode, b: TestNode) => takeFrom(a, b)],
  ])('never rejects: when %s it is %s', async (_, confirmed, happens) => {
    const { lock, a, b, seen } = await held();
    await happens(a, b);
    expect(await lock.release()).toBe(confirmed);
    const last = seen.findLast(([event]) => event === 'released');
    expect(last).toEqual(['released', { lock, confirmed }]);
  });

  test('of a lock that is lost is false, and no event', async () => {
    const { lock, runtime, names } = await held();
    runtime.suspend(60_000);
    expect(await lock.release()).toBe(false);
    expect(names()).toEqual(['acquired', 'lost']);
  });

  test('ends extend with cause RELEASED, also one under way', async () => {
    const { lock, nodes } = await held();
    for (const node of nodes) node.mode = 'hold';
    const underWay = extensionFails(lock);
    await settle();
    const releasing = lock.release();
    for (const node of nodes) node.answer();
    await releasing;
    const expected = { code: 'LOCK_LOST', cause: { code: 'RELEASED' } };
    expect(await underWay).toMatchObject(expected);
    expect(await extensionFails(lock)).toMatchObject(expected);
    await settle();
    for (const node of nodes) expect(await node.server.holderOf('r')).toBeNull();
  });

  test('comes at the end of `await using`', async () => {
    const { redlock, a } = threeNodes();
    {
      await using lock = await redlock.acquire('r', 10_000);
      expect(await a.server.holderOf('r')).toBe(lock.token);
    }
    expect(await a.server.holderOf('r')).toBeNull();
  });
});

test('no timer of a held lock keeps the process alive', async () => {
  const { runtime } = await held();
  await runtime.advance(10);
  expect(runtime.pending).toEqual([1000]);
  expect(runtime.holding).toEqual([]);
});

describe('after close()', () => {
  test('a held lock stays valid until its validity ends, and cannot be extended', async () => {
    const { lock, redlock, runtime, a } = await held();
    await redlock.close();
    expect(lock.remaining()).toBe(9898);
    expect(await extensionFails(lock)).toMatchObject({ code: 'CLOSED', resources: ['r'] });
    expect(a.kinds).toEqual(['grant']);
    await runtime.advance(9898);
    expect(lossOf(lock)).toBe('EXPIRED');
  });

  test('a held lock can be released', async () => {
    const { lock, redlock } = await held();
    await redlock.close();
    expect(await lock.release()).toBe(true);
  });

  test('an extension that was under way is decided as usual', async () => {
    const { lock, redlock, nodes, a, b } = await held();
    const { signal } = lock;
    await takeFrom(a, b);
    for (const node of nodes) node.mode = 'hold';
    const failed = extensionFails(lock);
    await settle();
    await redlock.close();
    for (const node of nodes) node.answer();
    expect(await failed).toMatchObject({ code: 'LOCK_LOST', cause: { code: 'TAKEN' } });
    expect(signal.aborted).toBe(true);
  });
});

test('a release asked for again by whoever hears of it is one release', async () => {
  const { redlock, nodes, names } = threeNodes();
  const lock = await redlock.acquire('r', 10_000);
  for (const node of nodes) node.mode = new Error('connect ECONNREFUSED');
  redlock.on('nodeFailed', () => void lock.release());
  expect(await lock.release()).toBe(false);
  await settle();
  expect(names().filter((name) => name === 'released')).toHaveLength(1);
});

test('is EXPIRED, not UNREACHABLE, when a quorum had answered the extension by then', async () => {
  const { redlock, runtime, a, b, c } = threeNodes({ nodeTimeout: 5000 });
  const lock = await redlock.acquire('r', 1000);
  await b.server.steal('r');
  c.mode = 'hold';
  void lock.extend().catch(() => {});
  await settle();
  expect([a, b].map((node) => node.unanswered.length)).toEqual([0, 0]);
  await runtime.advance(1000);
  expect(await rejectionOf(lock.extend())).toMatchObject({ cause: { code: 'EXPIRED' } });
});
