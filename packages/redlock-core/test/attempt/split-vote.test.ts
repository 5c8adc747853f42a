import { expect, test } from '@jest/globals';
import { ResourceLockedError } from 'redlock-core';
import { Random } from 'test-kit/random';
import { rejectionOf } from 'test-kit/rejection';
import type { Command } from '../support/command.js';
import { ManualRuntime } from '../support/manual-runtime.js';
import { TestNode } from '../support/test-node.js';
import { TestServer } from '../support/test-server.js';
import { redlockOver, threeNodes } from '../support/three-nodes.js';

const ROUND_TRIP = 10;

/** Three nodes, ten ms away, of which three contenders have one each. */
async function splitVotes() {
  const three = threeNodes();
  const { b, c, nodes, runtime } = three;
  await b.server.steal('r', 'one rival');
  await c.server.steal('r', 'another rival');
  for (const node of nodes) {
    node.mode = (command) => runtime.setTimeout(() => command.reply(), ROUND_TRIP);
  }
  return three;
}

test('after a split vote tries again without waiting for a holder, a random part of 8 round trips later', async () => {
  const { redlock, runtime, b, nodes, names } = await splitVotes();
  runtime.chance = 0.25;
  const trying = redlock.tryAcquire('r', 10_000);
  await runtime.advance(2 * ROUND_TRIP);
  await b.server.steal('r');
  await runtime.advance(0.25 * 8 * ROUND_TRIP - 1);
  expect(runtime.tokens).toHaveLength(1);
  await runtime.advance(1 + ROUND_TRIP);
  expect((await trying)?.token).toBe(runtime.tokens[1]);
  expect(names()).toEqual(['contended', 'acquired']);
  for (const node of nodes) expect(node.kinds).toEqual(['grant', 'release', 'grant']);
});

test('gives a split vote up after five more tries, each with twice the window', async () => {
  const { redlock, runtime, names } = await splitVotes();
  const trying = redlock.tryAcquire('r', 10_000);
  await runtime.advance(5000);
  expect(await trying).toBeNull();
  expect(runtime.tokens).toHaveLength(6);
  expect(names()).toEqual(Array.from({ length: 6 }, () => 'contended'));
  expect(runtime.delays).toEqual(expect.arrayContaining([40, 80, 160, 320, 640]));
});

test.each([1, 100])(
  'a caller that waits for %d ms tries as often as one that does not wait, because that is too little for the pauses',
  async (wait) => {
    const { redlock, runtime } = await splitVotes();
    const refused = rejectionOf(redlock.acquire('r', 10_000, { wait }));
    await runtime.advance(5000);
    expect(await refused).toBeInstanceOf(ResourceLockedError);
    expect(runtime.tokens.length).toBeGreaterThanOrEqual(6);
  },
);

test('of contenders that split a free resource one gets it, though none waits', async () => {
  const runtime = new ManualRuntime();
  const random = new Random(7);
  runtime.random = () => random.next();
  const servers = [0, 1, 2].map(() => new TestServer());
  const contenders = servers.map((_, near) => {
    // Each is nearest to another server, so that the first votes are split for certain.
    const nodes = servers.map((server, far) => {
      const node = new TestNode(`n${far}`, { server });
      node.mode = (command: Command) => {
        runtime.setTimeout(() => command.execute(), far === near ? 1 : 5);
        runtime.setTimeout(() => command.reply(), ROUND_TRIP);
      };
      return node;
    });
    return redlockOver(nodes, {}, runtime).redlock;
  });
  const trying = Promise.all(contenders.map((redlock) => redlock.tryAcquire('r', 60_000)));
  await runtime.advance(10_000);
  const locks = (await trying).filter((lock) => lock !== null);
  expect(runtime.tokens.length).toBeGreaterThan(3);
  expect(locks).toHaveLength(1);
});

test('an even split of two nodes ends', async () => {
  const nodes = [new TestNode('a'), new TestNode('b')] as const;
  await nodes[1].server.steal('r', 'rival');
  const { redlock, runtime } = redlockOver(nodes);
  const trying = redlock.tryAcquire('r', 10_000);
  await runtime.advance(1000);
  expect(await trying).toBeNull();
  expect(await nodes[0].server.holderOf('r')).toBeNull();
});
