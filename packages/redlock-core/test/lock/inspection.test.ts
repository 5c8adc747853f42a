import { expect, test } from '@jest/globals';
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
