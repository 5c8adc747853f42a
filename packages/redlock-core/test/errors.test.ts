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
import { after, heldElsewhere, nodesNamed, TTL, world } from './support/world.js';

const NO_WAIT = { wait: 0 };
const FULL = new Error('OOM command not allowed');
const REFUSED = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

/** Each error, as one copy of this package raises it. */
const RAISED = {
  ResourceLockedError: async (From: typeof Redlock) => {
    const nodes = nodesNamed(3);
    for (const node of nodes) await node.server.steal('r', 'other');
    return rejectionOf(new From(nodes).acquire('r', TTL, NO_WAIT));
  },
  QuorumError: async (From: typeof Redlock) => {
    const [node] = nodesNamed(1);
    node?.fail(REFUSED);
    return rejectionOf(new From(node ? [node] : []).acquire('r', TTL, NO_WAIT));
  },
  LockLostError: async (From: typeof Redlock) => {
    const lock = await new From(nodesNamed(1)).acquire('r', TTL);
    await lock.release();
    return rejectionOf(lock.extend());
  },
  RedlockError: async (From: typeof Redlock) => {
    const redlock = new From(nodesNamed(1));
    await redlock.close();
    return rejectionOf(redlock.acquire('r', TTL));
  },
};

const CLASSES = { RedlockError, ResourceLockedError, QuorumError, LockLostError };

describe.each([
  ['ResourceLockedError', 'RESOURCE_LOCKED'],
  ['QuorumError', 'QUORUM_UNAVAILABLE'],
  ['LockLostError', 'LOCK_LOST'],
  ['RedlockError', 'CLOSED'],
] as const)('%s', (name, code) => {
  test(`errors: has code ${code}, its name and the resources`, async () => {
    expect(await RAISED[name](Redlock)).toMatchObject({ name, code, resources: ['r'] });
  });

  test('errors: is recognized by `is` of another copy of the package, and by no other class', async () => {
    const foreign = await RAISED[name](copy.Redlock);
    expect(foreign).not.toBeInstanceOf(CLASSES[name]);
    expect(foreign).toBeInstanceOf(copy.RedlockError);
    const recognizing = Object.entries(CLASSES).filter(([, type]) => type.is(foreign));
    expect(new Set(recognizing.map(([known]) => known))).toEqual(new Set(['RedlockError', name]));
  });
});

test.each([undefined, null, 'RESOURCE_LOCKED', {}, new Error('other'), { code: 'LOCK_LOST' }])(
  'errors: `is` does not recognize %p',
  (value) => {
    for (const type of Object.values(CLASSES)) expect(type.is(value)).toBe(false);
  },
);

test('errors: a message says what happened, on which nodes, and what to do', async () => {
  const { redlock, servers, b, c, time } = world();
  await servers[0]?.steal('r', 'other');
  b.fail(REFUSED);
  c.mode = (command) => time.setTimeout(() => command.fail(FULL), 5);
  const rejected = rejectionOf(redlock.tryAcquire(['r', 's', 't', 'u', 'v'], TTL));
  await time.advance(5);
  expect(await rejected).toMatchObject({
    message:
      'No quorum of nodes could be asked for "r", "s", "t" and 2 more; check the nodes that failed. ' +
      'Votes: a denied, b failed (ECONNREFUSED: connect ECONNREFUSED), c failed (OOM: OOM command not allowed)',
  });
});

test('errors: votes are in the order of the nodes, without those that are not in', async () => {
  const { redlock, servers, a, b, time } = await heldElsewhere();
  a.mode = after(time, 20);
  b.mode = 'hold';
  await servers[2]?.steal('r', 'another');
  const rejected = rejectionOf(redlock.acquire('r', TTL, NO_WAIT));
  await time.advance(20);
  const denied = { vote: 'denied' };
  expect(await rejected).toMatchObject({
    votes: [
      { ...denied, node: 'a', ms: 20 },
      { ...denied, node: 'c', ms: 0 },
    ],
  });
});

test('errors: an error and its votes survive JSON', async () => {
  const { redlock, servers, b, c, time } = world();
  await servers[0]?.steal('r', 'other');
  b.fail(REFUSED);
  c.mode = (command) => time.setTimeout(() => command.fail(REFUSED), 5);
  const rejected = rejectionOf(redlock.tryAcquire('r', TTL));
  await time.advance(5);
  const error = (await rejected) as QuorumError;
  const down = { name: 'Error', code: 'ECONNREFUSED', message: 'connect ECONNREFUSED' };
  const votes = [
    { node: 'a', vote: 'denied', ms: 0 },
    { node: 'b', vote: 'failed', error: down, ms: 0 },
    { node: 'c', vote: 'failed', error: down, ms: 5 },
  ];
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
])('errors: a client that rejects with %p makes a failed vote', async (thrown, code) => {
  const { redlock, nodes } = world();
  for (const node of nodes) node.mode = (command) => command.fail(thrown);
  expect(await rejectionOf(redlock.tryAcquire('r', TTL))).toMatchObject({
    code: 'QUORUM_UNAVAILABLE',
    votes: [{ vote: 'failed', error: { code } }, { vote: 'failed' }],
  });
});

test.each([
  ['null', null, 'UNEXPECTED_REPLY'],
  ['0', 0, 'UNEXPECTED_REPLY'],
  ['an object', {}, 'UNEXPECTED_REPLY'],
  ['a list of no denials', [1], 'UNEXPECTED_REPLY'],
  ['a status', 'QUEUED', 'QUEUED'],
])('errors: the reply %s, which no script gives, makes a failed vote', async (_, reply, code) => {
  const { redlock, nodes } = world();
  for (const node of nodes) node.call = async () => reply;
  expect(await rejectionOf(redlock.tryAcquire('r', TTL))).toMatchObject({
    votes: [{ error: { code } }, { vote: 'failed' }],
  });
});
