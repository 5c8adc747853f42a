import { describe, expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import {
  LockLostError,
  QuorumError,
  Redlock,
  RedlockError,
  ResourceLockedError,
} from 'redlock-core';
import * as copy from '../dist/index.js';
import { settle } from './support/settle.js';
import { TestNode } from './support/test-node.js';
import { threeNodes } from './support/three-nodes.js';

const FULL = new Error('OOM command not allowed');
const DOWN = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

/** Each error, as one copy of this package raises it. */
const RAISED: Record<string, (from: typeof Redlock) => Promise<unknown>> = {
  ResourceLockedError: async (From) => {
    const nodes = [new TestNode('a'), new TestNode('b'), new TestNode('c')];
    for (const node of nodes) await node.server.steal('r', 'other');
    return rejectionOf(new From(nodes).acquire('r', 60_000, { wait: 0 }));
  },
  QuorumError: async (From) => {
    const node = new TestNode('a');
    node.mode = DOWN;
    return rejectionOf(new From([node]).acquire('r', 60_000, { wait: 0 }));
  },
  LockLostError: async (From) => {
    const lock = await new From([new TestNode('a')]).acquire('r', 60_000);
    await lock.release();
    return rejectionOf(lock.extend());
  },
  RedlockError: async (From) => {
    const redlock = new From([new TestNode('a')]);
    await redlock.close();
    return rejectionOf(redlock.acquire('r', 60_000));
  },
};

const CLASSES = { RedlockError, ResourceLockedError, QuorumError, LockLostError };

describe.each([
  ['ResourceLockedError', 'RESOURCE_LOCKED'],
  ['QuorumError', 'QUORUM_UNAVAILABLE'],
  ['LockLostError', 'LOCK_LOST'],
  ['RedlockError', 'CLOSED'],
] as const)('%s', (name, code) => {
  test(`has code ${code}, its name and the resources`, async () => {
    expect(await RAISED[name]?.(Redlock)).toMatchObject({ name, code, resources: ['r'] });
  });

  test('is known by `is`, also to another copy of the package, and to no other class', async () => {
    const foreign = await RAISED[name]?.(copy.Redlock);
    expect(foreign).not.toBeInstanceOf(CLASSES[name]);
    expect(foreign).toBeInstanceOf(copy.RedlockError);
    const knowing = Object.entries(CLASSES).filter(([, type]) => type.is(foreign));
    expect(knowing.map(([known]) => known).toSorted()).toEqual(
      [...new Set(['RedlockError', name])].toSorted(),
    );
  });
});

test.each([undefined, null, 'RESOURCE_LOCKED', {}, new Error('other'), { code: 'LOCK_LOST' }])(
  '`is` knows that %p is none of them',
  (value) => {
    for (const type of Object.values(CLASSES)) expect(type.is(value)).toBe(false);
  },
);

test('a message says in words what happened, on which nodes, and what to do', async () => {
  const { redlock, a, b, c, runtime } = threeNodes();
  await a.server.steal('r', 'other');
  b.mode = DOWN;
  c.mode = (command) => runtime.setTimeout(() => command.fail(FULL), 5);
  const rejected = rejectionOf(redlock.tryAcquire(['r', 's', 't', 'u', 'v'], 10_000));
  await runtime.advance(5);
  expect(await rejected).toMatchObject({
    message:
      'No quorum of nodes could be asked for "r", "s", "t" and 2 more; check the nodes that failed. ' +
      'Votes: a denied, b failed (ECONNREFUSED: connect ECONNREFUSED), c failed (OOM: OOM command not allowed)',
  });
});

test('votes are in the order of the nodes, without those still out', async () => {
  const { redlock, a, c, b, runtime } = threeNodes();
  a.mode = (command) => runtime.setTimeout(() => command.reply(), 20);
  b.mode = 'hold';
  await a.server.steal('r', 'other');
  await c.server.steal('r', 'other');
  const rejected = rejectionOf(redlock.acquire('r', 10_000, { wait: 0 }));
  await runtime.advance(20);
  expect(await rejected).toMatchObject({
    votes: [
      { node: 'a', vote: 'denied', ms: 20 },
      { node: 'c', vote: 'denied', ms: 0 },
    ],
  });
});

test('an error and its votes survive JSON', async () => {
  const { redlock, a, b, c, runtime } = threeNodes();
  await a.server.steal('r', 'other');
  b.mode = DOWN;
  c.mode = (command) => runtime.setTimeout(() => command.fail(DOWN), 5);
  const rejected = rejectionOf(redlock.tryAcquire('r', 10_000));
  await runtime.advance(5);
  const error = await rejected;
  if (!QuorumError.is(error)) throw new Error('not a QuorumError');
  const down = { name: 'Error', code: 'ECONNREFUSED', message: 'connect ECONNREFUSED' };
  const votes = [
    { node: 'a', vote: 'denied', ms: 0 },
    { node: 'b', vote: 'failed', error: down, ms: 0 },
    { node: 'c', vote: 'failed', error: down, ms: 5 },
  ];
  expect(JSON.parse(JSON.stringify(error.votes))).toEqual(votes);
  expect(JSON.parse(JSON.stringify(error))).toEqual({
    name: 'QuorumError',
    code: 'QUORUM_UNAVAILABLE',
    message: error.message,
    resources: ['r'],
    votes,
  });
});

test.each([
  [undefined, 'UNKNOWN'],
  ['text', 'UNKNOWN'],
  [{ name: 'Alien', message: 'of another realm' }, 'CONNECTION'],
  [new Error(''), 'CONNECTION'],
  [new Error('ERR something'), 'ERR'],
])('a client that rejects with %p makes a failed vote', async (thrown, code) => {
  const { redlock, nodes } = threeNodes();
  for (const node of nodes) node.mode = (command) => command.fail(thrown);
  expect(await rejectionOf(redlock.tryAcquire('r', 10_000))).toMatchObject({
    code: 'QUORUM_UNAVAILABLE',
    votes: [{ vote: 'failed', error: { code } }, { vote: 'failed' }],
  });
  await settle();
});

test.each([
  ['null', null, 'UNEXPECTED_REPLY'],
  ['0', 0, 'UNEXPECTED_REPLY'],
  ['an object', {}, 'UNEXPECTED_REPLY'],
  ['a list of no denials', [1], 'UNEXPECTED_REPLY'],
  ['a status', 'QUEUED', 'QUEUED'],
])('a reply that the script does not give, %s, makes a failed vote', async (_, reply, code) => {
  const { redlock, nodes } = threeNodes();
  for (const node of nodes) node.call = async () => reply;
  expect(await rejectionOf(redlock.tryAcquire('r', 10_000))).toMatchObject({
    votes: [{ error: { code } }, { vote: 'failed' }],
  });
});
