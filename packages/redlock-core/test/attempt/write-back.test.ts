import { expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { QuorumError, type Lock, type Redlock } from 'redlock-core';
import { settle } from '../support/settle.js';
import type { TestNode } from '../support/test-node.js';
import { TTL, world } from '../support/world.js';

/** Nodes, and a counter far ahead of what is proposed to them. */
function counting(count = 3) {
  const all = world(count, { wait: 0 });
  return { ...all, ahead: all.time.wallNow() * 1000 + 5000 };
}

/** What each node was sent to have the highest token. */
function writeBacks(nodes: readonly TestNode[]): number[] {
  return nodes.map((node) => node.extends);
}

test('counters that differ on a minority that is needed: the highest is the token, and is written to the others', async () => {
  const { redlock, ahead, nodes, a, counters, everywhere } = counting();
  await a.server.setCounter('r', ahead);
  const lock = await redlock.acquire('r', TTL);
  await settle();
  expect(lock.fencingToken).toBe(ahead + 1);
  expect(await counters()).toEqual(everywhere(ahead + 1));
  expect(writeBacks(nodes)).toEqual([0, 1, 1]);
});

test('counters that differ on a minority that is not needed: nothing is written back', async () => {
  const { redlock, ahead, time, nodes, c } = counting();
  await c.server.setCounter('r', ahead);
  const lock = await redlock.acquire('r', TTL);
  await settle();
  expect(lock.fencingToken).toBe(time.wallNow() * 1000);
  expect(writeBacks(nodes)).toEqual([0, 0, 0]);
});

test('counters that differ on a majority, all unlike: the highest of a quorum is the token', async () => {
  const { redlock, ahead, servers, nodes, counters, everywhere } = counting(5);
  for (const [index, server] of servers.slice(0, 3).entries()) {
    await server.setCounter('r', ahead + 10 * index);
  }
  const lock = await redlock.acquire('r', TTL);
  await settle();
  expect(lock.fencingToken).toBe(ahead + 21);
  expect(await counters()).toEqual(everywhere(ahead + 21));
  expect(writeBacks(nodes)).toEqual([1, 1, 0, 1, 1]);
});

test('counters of several resources become one token on all of them', async () => {
  const { redlock, ahead, a, b, counters, everywhere } = counting();
  await a.server.setCounter('r', ahead);
  await b.server.setCounter('s', ahead + 10);
  const lock = await redlock.acquire(['r', 's'], TTL);
  await settle();
  expect(lock.fencingToken).toBe(ahead + 11);
  for (const key of ['r', 's']) expect(await counters(key)).toEqual(everywhere(ahead + 11));
});

test('counters that differ are written to nodes that have neither denied, failed nor agreed, and to no others', async () => {
  const { redlock, ahead, nodes } = counting(7);
  const [agrees, , , denies, fails, , silent] = nodes;
  await agrees?.server.setCounter('r', ahead);
  await denies?.server.steal('r', 'other');
  fails?.fail();
  silent?.hold();
  await redlock.acquire('r', TTL);
  await settle();
  expect(writeBacks(nodes)).toEqual([0, 1, 1, 0, 0, 1, 1]);
});

type Call = (redlock: Redlock) => Promise<Lock | null>;

const tryAcquire: Call = async (redlock) => redlock.tryAcquire('r', TTL);
const acquire: Call = async (redlock) => redlock.acquire('r', TTL);

/**
 * `a` has counted ahead: the token is to be written to `b`, which has granted too, and to `c`, which has not answered.
 * @param before a lock whose token was written back before, so that all nodes know the script
 */
async function unwritten(call: Call = tryAcquire, before = false) {
  const three = counting();
  const { redlock, ahead, nodes, a, b, c } = three;
  if (before) {
    await a.server.setCounter('before', ahead);
    await (await redlock.acquire('before', TTL)).release();
    await settle();
    for (const { commands } of nodes) commands.length = 0;
  }
  await a.server.setCounter('r', ahead);
  for (const node of [b, c]) node.hold();
  const calling = call(redlock);
  calling.catch(() => {});
  await settle();
  b.last('acquire').reply();
  await settle();
  expect([b, c].map((node) => [node.acquires, node.extends])).toEqual([
    [1, 1],
    [1, 1],
  ]);
  return { ...three, calling, fencingToken: ahead + 1 };
}

test('the write-back of a token is acknowledged by a node whose grant was late', async () => {
  const { calling, fencingToken, b, c, counters } = await unwritten();
  c.answer();
  expect((await calling)?.fencingToken).toBe(fencingToken);
  expect(b.unanswered).toHaveLength(1);
  expect(await counters()).toEqual([fencingToken, expect.any(Number), fencingToken]);
});

test.each([
  {
    what: 'a counter is above',
    spoil: async ({ server }: TestNode, above: number) => server.setCounter('r', above),
    left: null,
  },
  {
    what: 'the key is taken',
    spoil: async ({ server }: TestNode) => server.steal('r', 'other'),
    left: 'other',
  },
])(
  'the write-back of a token is denied where $what: the lock is locked, and nothing is left',
  async (row) => {
    for (const call of [tryAcquire, acquire]) {
      const { calling, fencingToken, seen, holders, b, c } = await unwritten(call);
      for (const node of [b, c]) {
        await row.spoil(node, fencingToken + 1);
        node.answer();
      }
      const votes = [{ result: 'granted' }, { result: 'denied' }, { result: 'denied' }];
      if (call === tryAcquire) expect(await calling).toBeNull();
      else expect(await rejectionOf(calling)).toMatchObject({ code: 'RESOURCE_LOCKED', votes });
      expect(seen).toMatchObject([['contended', { votes }]]);
      await settle();
      expect(await holders()).toEqual([null, row.left, row.left]);
    }
  },
);

test.each([
  ['stays unanswered', () => {}],
  ['fails', (node: TestNode) => node.disconnect()],
])('the write-back of a token that %s is a QuorumError, and leaves nothing', async (_, happens) => {
  const { calling, time, names, holders, everywhere, b, c } = await unwritten();
  for (const node of [b, c]) happens(node);
  await time.advance(2000);
  const error = await rejectionOf(calling);
  expect(error).toBeInstanceOf(QuorumError);
  expect(error).toMatchObject({
    message: expect.stringContaining('too few nodes confirmed its fencing token'),
    votes: [{ result: 'granted' }, { result: 'failed' }, { result: 'failed' }],
  });
  expect(names()).not.toContain('contended');
  for (const node of [b, c]) {
    node.answer();
    node.connected();
  }
  await settle();
  expect(await holders()).toEqual(everywhere(null));
});

test('validity: a write-back that is acknowledged after its end is a QuorumError', async () => {
  const { calling, time, holders, everywhere, b, c } = await unwritten();
  time.suspend(9898);
  for (const node of [b, c]) node.answer();
  expect(await rejectionOf(calling)).toMatchObject({
    code: 'QUORUM_UNAVAILABLE',
    message: expect.stringContaining('too late: the round trip used up its ttl'),
  });
  await settle();
  expect(await holders()).toEqual(everywhere(null));
});
