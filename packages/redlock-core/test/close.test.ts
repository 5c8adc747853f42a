import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, jest, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import type { RedlockOptions } from 'redlock-core';
import { settle } from './support/settle.js';
import { TestNode } from './support/test-node.js';
import { redlockOver } from './support/three-nodes.js';

/** Says what its client had been given, and not answered, when it was closed. */
class ClosingNode extends TestNode {
  atClose: { kinds: string[]; unanswered: number } | null = null;

  override async close(): Promise<void> {
    await super.close();
    this.atClose = { kinds: this.kinds, unanswered: this.unanswered.length };
  }
}

async function held(options: RedlockOptions = {}) {
  const nodes = ['a', 'b', 'c'].map((name) => new ClosingNode(name));
  const { redlock, runtime } = redlockOver(nodes, options);
  const lock = await redlock.acquire('r', 10_000);
  await settle();
  return { redlock, runtime, nodes, lock };
}

describe('close() of a Redlock whose clients it closes', () => {
  test('writes before it that a waiter leaves the queues', async () => {
    const nodes = ['a', 'b', 'c'].map((name) => new ClosingNode(name, { subscribes: true }));
    for (const { server } of nodes) await server.steal('r', 'another');
    const { redlock, runtime } = redlockOver(nodes, { retryDelay: 50_000, wait: Infinity });
    const waiting = rejectionOf(redlock.acquire('r', 10_000));
    await runtime.advance(100);
    await redlock.close();
    expect(await waiting).toMatchObject({ code: 'CLOSED' });
    for (const node of nodes) {
      expect(node.latest('release').entries).toEqual([expect.stringMatching(/^-\d+:r:called:/)]);
      expect(node.atClose?.kinds).toEqual(node.kinds);
    }
  });

  test('waits for a release that was asked for in the same tick', async () => {
    const { redlock, nodes, lock } = await held();
    const releasing = lock.release();
    await redlock.close();
    for (const node of nodes) {
      expect(node.closes).toBe(1);
      expect(node.atClose).toEqual({ kinds: ['grant', 'release'], unanswered: 0 });
      expect(await node.server.holderOf('r')).toBeNull();
    }
    expect(await releasing).toBe(true);
  });

  test('waits for a release that is not answered yet, node by node', async () => {
    const { redlock, nodes, lock } = await held();
    for (const node of nodes) node.mode = 'hold';
    void lock.release();
    await settle();
    let closed = false;
    void redlock.close().then(() => (closed = true));
    await settle();
    expect(nodes.map(({ closes }) => closes)).toEqual([0, 0, 0]);
    nodes[0]?.answer();
    await settle();
    expect(nodes.map(({ closes }) => closes)).toEqual([1, 0, 0]);
    expect(closed).toBe(false);
    for (const node of nodes) node.answer();
    await settle();
    expect(nodes.map(({ closes }) => closes)).toEqual([1, 1, 1]);
    expect(closed).toBe(true);
  });

  test('waits for a release that is sent again, since the server did not know the script', async () => {
    const { redlock, nodes, lock } = await held();
    await (await redlock.acquire('s', 10_000)).release();
    await settle();
    for (const node of nodes) {
      node.server.flushScripts();
      node.mode = 'hold';
    }
    void lock.release();
    await settle();
    const closing = redlock.close();
    for (const node of nodes) node.latest('release').command.reply();
    await settle();
    expect(nodes.map(({ closes }) => closes)).toEqual([0, 0, 0]);
    for (const node of nodes) node.answer();
    await closing;
    for (const node of nodes) expect(await node.server.holderOf('r')).toBeNull();
  });

  test.each([
    ['of its own', { nodeTimeout: 300 }, 300],
    ['by default', {}, 1000],
  ])('waits no longer than the node timeout %s', async (_, options, timeout) => {
    const { redlock, runtime, nodes, lock } = await held(options);
    for (const node of nodes) node.mode = 'hold';
    void lock.release();
    const closing = redlock.close();
    await runtime.advance(timeout - 1);
    expect(nodes.map(({ closes }) => closes)).toEqual([0, 0, 0]);
    await runtime.advance(1);
    await closing;
    expect(nodes.map(({ closes }) => closes)).toEqual([1, 1, 1]);
  });

  test('waits for what a failed attempt still releases', async () => {
    const { redlock, nodes } = await held();
    const [, b, c] = nodes;
    for (const node of [b, c]) await node?.server.steal('s', 'another');
    for (const node of nodes) node.mode = 'hold';
    const trying = redlock.tryAcquire('s', 10_000).catch(() => null);
    await settle();
    const closing = redlock.close();
    for (const node of nodes) node.answer();
    await closing;
    await trying;
    for (const node of nodes) {
      expect(node.atClose).toEqual({ kinds: ['grant', 'grant', 'release'], unanswered: 0 });
    }
    expect(await nodes[0]?.server.holderOf('s')).toBeNull();
  });

  test('does not wait where there is nothing to wait for, nor for a node that is away', async () => {
    const { redlock, nodes, lock } = await held();
    const [a] = nodes;
    a?.disconnect();
    expect(await lock.release()).toBe(true);
    await settle();
    await redlock.close();
    expect(nodes.map(({ closes }) => closes)).toEqual([1, 1, 1]);
  });

  test('releases nothing that is held', async () => {
    const { redlock, nodes, lock } = await held();
    await redlock.close();
    for (const node of nodes) expect(node.atClose?.kinds).toEqual(['grant']);
    expect(await nodes[0]?.server.holderOf('r')).toBe(lock.token);
    lock.detach();
  });
});

test('a Redlock that was re-entered costs the promises of its process nothing once it is closed', async () => {
  const disable = jest.spyOn(AsyncLocalStorage.prototype, 'disable');
  const { redlock } = redlockOver(
    ['a', 'b', 'c'].map((name) => new TestNode(name)),
    { reentrant: true },
  );
  await redlock.using('r', 10_000, () => redlock.acquire('r', 10_000));
  await redlock.close();
  expect(disable).toHaveBeenCalledTimes(1);
  disable.mockRestore();
});

/** A node loses its connection, and has another. */
async function comesBack(node: TestNode): Promise<void> {
  node.disconnect();
  await settle();
  node.mode = 'answer';
  node.connected();
  await settle();
}

/** `c` has the lock, and a client of its caller's. */
async function lentClient() {
  const nodes = ['a', 'b', 'c'].map((name) => new TestNode(name));
  const [a, b, c] = nodes as [TestNode, TestNode, TestNode];
  Object.assign(c, { close: undefined });
  const { redlock, runtime } = redlockOver(nodes);
  const lock = await redlock.acquire('r', 10_000);
  await settle();
  return { redlock, runtime, a, b, c, lock };
}

describe('close() of a Redlock whose clients stay open', () => {
  test('leaves no release out that was asked for in the same tick, of a node that is away', async () => {
    const { redlock, c, lock } = await lentClient();
    c.disconnect();
    const releasing = lock.release();
    await redlock.close();
    expect(await releasing).toBe(true);
    c.connected();
    await settle();
    expect(c.kinds).toEqual(['grant', 'release']);
    expect(await c.server.holderOf('r')).toBeNull();
    expect(c.listeners).toBe(0);
  });

  test.each(['lost', 'put off'])(
    'leaves no release out that is asked for after it and %s',
    async (fate) => {
      const { redlock, c, lock } = await lentClient();
      await redlock.close();
      expect(c.listeners).toBe(0);
      if (fate === 'lost') c.mode = 'hold';
      else c.disconnect();
      expect(await lock.release()).toBe(true);
      await settle();
      await comesBack(c);
      expect(await c.server.holderOf('r')).toBeNull();
      expect(c.listeners).toBe(0);
    },
  );

  test('ends with the last lock that it is owed: nothing listens to the client any more', async () => {
    const { redlock, runtime, c, lock } = await lentClient();
    c.disconnect();
    await lock.release();
    await redlock.close();
    expect(c.listeners).toBe(1);
    await runtime.advance(20_000);
    expect(c.listeners).toBe(0);
  });

  test('ends also when a grant need not be sent again', async () => {
    const { redlock, c, lock } = await lentClient();
    await lock.release();
    await settle();
    c.server.flushScripts();
    c.mode = 'hold';
    await redlock.acquire('s', 10_000);
    await redlock.close();
    expect(c.listeners).toBe(1);
    c.answer();
    await settle();
    expect(c.listeners).toBe(0);
  });

  test('leaves no release out that is sent again and then lost', async () => {
    const { redlock, c, lock } = await lentClient();
    const again = await redlock.acquire('s', 10_000);
    await lock.release();
    await settle();
    c.server.flushScripts();
    c.mode = 'hold';
    void again.release();
    await settle();
    await redlock.close();
    c.latest('release').command.reply();
    await settle();
    await comesBack(c);
    expect(c.all('release').filter(({ keys }) => keys[0] === 's')).toHaveLength(3);
    expect(await c.server.holderOf('s')).toBeNull();
    expect(c.listeners).toBe(0);
  });
});
