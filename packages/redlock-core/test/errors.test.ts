import { expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import {
  LockLostError,
  QuorumError,
  Redlock,
  RedlockClosedError,
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
    const [node] = nodesNamed(1);
    const lock = await new From(node ? [node] : []).acquire('r', TTL);
    await node?.server.steal('r', 'another');
    return rejectionOf(lock.extend());
  },
  RedlockError: async (From: typeof Redlock) => {
    const lock = await new From(nodesNamed(1)).acquire('r', TTL);
    await lock.release();
    return rejectionOf(lock.extend());
  },
  RedlockClosedError: async (From: typeof Redlock) => {
    const redlock = new From(nodesNamed(1));
    await redlock.close();
    return rejectionOf(redlock.acquire('r', TTL));
  },
};

const CLASSES = {
  RedlockError,
  ResourceLockedError,
  QuorumError,
  LockLostError,
  RedlockClosedError,
};

test.each([
  ['ResourceLockedError', 'RESOURCE_LOCKED'],
  ['QuorumError', 'QUORUM_UNAVAILABLE'],
  ['LockLostError', 'LOCK_LOST'],
  ['RedlockError', 'LOCK_RELEASED'],
  ['RedlockClosedError', 'CLOSED'],
] as const)(
  'errors: a %s has code %s, and is recognized by `is` of another copy of the package, and by no other class',
  async (name, code) => {
    expect(await RAISED[name](Redlock)).toMatchObject({ name, code, resources: ['r'] });
    const foreign = await RAISED[name](copy.Redlock);
    expect(foreign).not.toBeInstanceOf(CLASSES[name]);
    expect(foreign).toBeInstanceOf(copy.RedlockError);
    const recognizing = Object.entries(CLASSES).filter(([, type]) => type.is(foreign));
    expect(new Set(recognizing.map(([known]) => known))).toEqual(new Set(['RedlockError', name]));
  },
);

test.each([undefined, null, 'RESOURCE_LOCKED', {}, new Error('other'), { code: 'LOCK_LOST' }])(
  'errors: `is` does not recognize %p',
  (value) => {
    for (const type of Object.values(CLASSES)) expect(type.is(value)).toBe(false);
  },
);

test('errors: votes are in the order of the nodes, without those that are not in', async () => {
  const { redlock, servers, a, b, time } = await heldElsewhere();
  a.mode = after(time, 20);
  b.mode = 'hold';
  await servers[2]?.steal('r', 'another');
  const rejected = rejectionOf(redlock.acquire('r', TTL, NO_WAIT));
  await time.advance(20);
  const denied = { result: 'denied' };
  expect(await rejected).toMatchObject({
    votes: [
      { ...denied, node: 'a', duration: 20 },
      { ...denied, node: 'c', duration: 0 },
    ],
  });
});

test('errors: an error says what happened, on which nodes, and what to do, and survives JSON', async () => {
  const { redlock, servers, b, c, time } = world();
  await servers[0]?.steal('r', 'other');
  b.fail(REFUSED);
  c.mode = (command) => time.setTimeout(() => command.fail(FULL), 5);
  const resources = ['r', 's', 't', 'u', 'v'];
  const rejected = rejectionOf(redlock.tryAcquire(resources, TTL));
  await time.advance(5);
  const down = { name: 'Error', code: 'ECONNREFUSED', message: 'connect ECONNREFUSED' };
  const full = { name: 'Error', code: 'OOM', message: 'OOM command not allowed' };
  expect(JSON.parse(JSON.stringify(await rejected))).toEqual({
    name: 'QuorumError',
    code: 'QUORUM_UNAVAILABLE',
    message:
      'Cannot lock "r", "s", "t" and 2 more: no quorum, because too many nodes failed. Check the nodes that failed. ' +
      'Votes: a denied, b failed (ECONNREFUSED: connect ECONNREFUSED), c failed (OOM: OOM command not allowed)',
    resources,
    votes: [
      { node: 'a', result: 'denied', duration: 0 },
      { node: 'b', result: 'failed', error: down, duration: 0 },
      { node: 'c', result: 'failed', error: full, duration: 5 },
    ],
  });
});

test.each<[string, () => Promise<unknown>, string]>([
  ['rejects with undefined', () => Promise.reject(undefined), 'UNKNOWN'],
  ['rejects with text', () => Promise.reject('text'), 'UNKNOWN'],
  ['rejects with a foreign error', () => Promise.reject({ name: 'A', message: 'b' }), 'CONNECTION'],
  ['rejects without a message', () => Promise.reject(new Error('')), 'CONNECTION'],
  ['rejects with a reply', () => Promise.reject(new Error('ERR something')), 'ERR'],
  ['replies null', async () => null, 'UNEXPECTED_REPLY'],
  ['replies an object', async () => ({}), 'UNEXPECTED_REPLY'],
  ['replies a list of no denials', async () => [1], 'UNEXPECTED_REPLY'],
  ['replies a status', async () => 'QUEUED', 'QUEUED'],
])('errors: a client that %s makes a failed vote', async (_, call, code) => {
  const { redlock, nodes } = world(3, { quarantine: false });
  for (const node of nodes) node.call = call;
  expect(await rejectionOf(redlock.tryAcquire('r', TTL))).toMatchObject({
    code: 'QUORUM_UNAVAILABLE',
    votes: [{ result: 'failed', error: { code } }, { result: 'failed' }],
  });
});

test.each([
  ['NOPERM', 'NOPERM this user has no permissions to run this command', 'rights'],
  ['OOM', "OOM command not allowed when used memory > 'maxmemory'", 'maxmemory'],
  ['MISCONF', 'MISCONF Errors writing to the AOF file', 'saving'],
  ['NOREPLICAS', 'NOREPLICAS Not enough good replicas to write.', 'min-replicas-to-write'],
  ['ERR', "ERR unknown command 'EVALSHA', with args beginning with: ", 'Lua'],
])(
  'errors: extend and acquire name an error reply %s that stays, and its fix',
  async (code, reply, fix) => {
    const { redlock, nodes } = world();
    const lock = await redlock.acquire('r', TTL);
    for (const node of nodes) node.mode = new Error(reply);
    const errors = [
      await rejectionOf(lock.extend()),
      await rejectionOf(redlock.acquire('other', TTL, { wait: 0 })),
      await rejectionOf(redlock.tryAcquire('other', TTL)),
    ];
    for (const error of errors) {
      const { message } = error as Error;
      expect(error).toMatchObject({ code: 'QUORUM_UNAVAILABLE' });
      expect(message).toContain(`answer ${code}. `);
      expect(message).toContain(fix);
      expect(message).not.toMatch(/reach|away/);
    }
  },
);

const DATA = "its key holds a value that never expires, so it is probably another program's data.";

test('errors: a key with a value that never expires is named as data, and keyPrefix as the remedy', async () => {
  const { redlock, servers } = world();
  for (const server of servers) server.persist('r', 'data');
  const error = (await rejectionOf(redlock.acquire('r', TTL, { wait: 0 }))) as Error;
  expect(error).toMatchObject({ code: 'RESOURCE_LOCKED', owners: [] });
  expect(error.message).toContain(`${DATA} Choose another keyPrefix, or delete the key.`);
  expect(await redlock.tryAcquire('r', TTL)).toBeNull();
});

test("errors: an owner's label shows a lock without expiry, which is not named as data", async () => {
  const { redlock, servers } = world();
  for (const server of servers) server.persist('r', 'api-7:V1StGXR8_Z5jdHi6B-myT');
  const { message } = (await rejectionOf(redlock.acquire('r', TTL, { wait: 0 }))) as Error;
  expect(message).toContain('locked by api-7.');
  expect(message).not.toContain('data');
});
