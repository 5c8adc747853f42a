import { describe, expect, test } from '@jest/globals';
import { Redlock } from 'redlock-core';
import { memoryNode } from 'redlock-core/memory';
import { threeNodes } from '../support/three-nodes.js';

test('shows the key of every node in the order given, and why one cannot', async () => {
  const { redlock, a, b, c, runtime } = threeNodes({ keyPrefix: 'app:' });
  await a.server.steal('app:r', 'holder');
  b.mode = new Error('connect ECONNREFUSED');
  c.mode = (command) => runtime.setTimeout(() => command.reply(), 5);
  const inspecting = redlock.inspect('r');
  await runtime.advance(5);
  expect(await inspecting).toEqual({
    resource: 'r',
    state: 'undecided',
    holders: [],
    waiting: 0,
    nodes: [
      { node: 'a', token: 'holder', ttl: expect.any(Number) },
      {
        node: 'b',
        token: null,
        ttl: null,
        error: { name: 'Error', code: 'CONNECTION', message: 'connect ECONNREFUSED' },
      },
      { node: 'c', token: null, ttl: null },
    ],
  });
});

test('shows how many processes wait: the most that a node counts', async () => {
  const { redlock, a, b, c } = threeNodes();
  a.mode = (command) => command.replyWith([null, -2, 1]);
  b.mode = (command) => command.replyWith(['holder', 100, 3]);
  c.mode = new Error('connect ECONNREFUSED');
  expect(await redlock.inspect('r')).toMatchObject({ waiting: 3 });
});

test("shows a key that is kept for a process that was called as nobody's", async () => {
  const { redlock, a } = threeNodes();
  await a.server.steal('r', 'reserved:somebody');
  const { nodes } = await redlock.inspect('r');
  expect(nodes[0]).toMatchObject({ token: null });
});

test('shows the ttl that is left', async () => {
  const redlock = new Redlock([memoryNode({ name: 'a' })]);
  await using lock = await redlock.acquire('r', 60_000);
  const { nodes } = await redlock.inspect('r');
  const [node] = nodes;
  expect(node?.token).toBe(lock.token);
  expect(node?.ttl).toBeGreaterThan(0);
  expect(node?.ttl).toBeLessThanOrEqual(60_000);
});

test('shows a key without expiry', async () => {
  const { redlock, a } = threeNodes();
  a.call = async () => ['manual', -1, 0];
  expect((await redlock.inspect('r')).nodes[0]).toEqual({ node: 'a', token: 'manual', ttl: null });
});

test('waits for a silent node for its timeout', async () => {
  const { redlock, c, runtime } = threeNodes();
  c.mode = 'hold';
  const inspecting = redlock.inspect('r');
  await runtime.advance(1000);
  expect((await inspecting).nodes[2]).toMatchObject({ token: null, error: { code: 'TIMEOUT' } });
});

/** How a node that has the key replies. */
function heldBy(token: string, ttl = 100): unknown {
  return [token, ttl, 0];
}

/** What three nodes reply; an error: the node has failed. */
async function seenFrom(...replies: readonly unknown[]) {
  const { redlock, nodes } = threeNodes();
  for (const [index, node] of nodes.entries()) {
    const reply = replies[index];
    node.mode = reply instanceof Error ? reply : (command) => command.replyWith(reply);
  }
  const { state, holders } = await redlock.inspect('r');
  return { state, holders };
}

describe('the state', () => {
  const FREE = [null, -2, 0];
  const RESERVED = ['reserved:somebody', 10, 1];
  const DOWN = new Error('connect ECONNREFUSED');

  test.each([
    ['no node has the key', [FREE, FREE, FREE]],
    ['a quorum has no key', [FREE, heldBy('x'), FREE]],
    ['a quorum has no key and one has failed', [FREE, FREE, DOWN]],
    ['it is kept for a process that was called', [RESERVED, FREE, heldBy('x')]],
  ] as const)('is free if %s', async (_, replies) => {
    expect(await seenFrom(...replies)).toEqual({ state: 'free', holders: [] });
  });

  test.each([
    ['two holders and a free node', [heldBy('x'), heldBy('y'), FREE]],
    ['three holders', [heldBy('x'), heldBy('y'), heldBy('z')]],
    ['a holder, a free node and one that has failed', [heldBy('x'), FREE, DOWN]],
  ] as const)('is undecided if nodes name %s', async (_, replies) => {
    expect(await seenFrom(...replies)).toEqual({ state: 'undecided', holders: [] });
  });

  test('is unknown if fewer than a quorum answered, whatever the others say', async () => {
    const unknown = { state: 'unknown', holders: [] };
    expect(await seenFrom(DOWN, heldBy('x'), DOWN)).toEqual(unknown);
    expect(await seenFrom(DOWN, FREE, DOWN)).toEqual(unknown);
  });

  test('is exclusive if a quorum names one holder, with the least ttl of those nodes', async () => {
    const holder = { token: 'x', owner: null, mode: 'exclusive', ttl: 90 };
    expect(await seenFrom(heldBy('x', 100), heldBy('y', 5), heldBy('x', 90))).toEqual({
      state: 'exclusive',
      holders: [holder],
    });
    expect(await seenFrom(heldBy('x', -1), heldBy('x', 90), DOWN)).toEqual({
      state: 'exclusive',
      holders: [holder],
    });
  });

  test('shows a holder that never expires', async () => {
    const { holders } = await seenFrom(heldBy('x', -1), heldBy('x', -1), FREE);
    expect(holders).toEqual([{ token: 'x', owner: null, mode: 'exclusive', ttl: null }]);
  });

  test('shows the label of a holder apart from its token', async () => {
    const { redlock } = threeNodes({ owner: 'api 7' });
    const { token } = await redlock.acquire('r', 10_000);
    const { holders } = await redlock.inspect('r');
    expect(holders).toMatchObject([{ token, owner: 'api 7' }]);
    expect(token).toMatch(/^api 7:[\w-]{21}$/);
  });
});
