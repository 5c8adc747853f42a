import { expect, test } from '@jest/globals';
import { RedlockClosedError, QuorumError, ResourceLockedError, type Semaphore } from 'redlock-core';
import { rejectionOf } from 'test-kit/rejection';
import { classAndMessage } from '../support/refusal.js';
import { processes, take, TTL } from '../support/seats.js';
import { world } from '../support/world.js';

test('errors: an acquire says that all permits are held, and names the semaphore', async () => {
  const { seats } = processes(2);
  await take(seats(), 2);
  const error = await rejectionOf(seats().semaphore.acquire(TTL, { wait: 0 }));
  expect(ResourceLockedError.is(error)).toBe(true);
  expect(error).toMatchObject({
    resources: ['seats'],
    message: expect.stringMatching(
      /^Cannot lock "seats": all 2 permits are held\. Wait longer, or retry later\. Votes: /,
    ),
  });
});

test('errors: an acquire and an inspection reject if too few nodes answer', async () => {
  const { a, b, redlock } = world();
  for (const node of [a, b]) node.fail();
  const semaphore = redlock.semaphore('seats', 2);
  expect(QuorumError.is(await rejectionOf(semaphore.tryAcquire(TTL)))).toBe(true);
  expect(QuorumError.is(await rejectionOf(semaphore.inspect()))).toBe(true);
});

test.each([
  [{ reentrant: true }, { reentrant: true }],
  [{ mode: 'shared' }, {}],
  [{ steal: true }, {}],
])(
  'arguments: a call with %j is refused, but not the same default of the Redlock',
  async (defaults, inherited) => {
    const { redlock } = world(3, inherited);
    const options: object = defaults;
    const semaphore = redlock.semaphore('seats', 2);
    for (const call of [
      () => semaphore.acquire(TTL, options),
      () => semaphore.tryAcquire(TTL, options),
      () => semaphore.using(TTL, options, () => {}),
    ]) {
      expect(String(await rejectionOf(call()))).toMatch(/^TypeError: A semaphore has no option/);
    }
    await semaphore.using(TTL, async (_, outer) => {
      await semaphore.using(TTL, (__, inner) => expect(inner.permit).not.toBe(outer.permit));
    });
  },
);

test('a routine runs under a permit, which is released afterwards', async () => {
  const { semaphore } = processes(1).seats();
  const result = await semaphore.using(TTL, { wait: 0 }, async (signal, lock) => {
    expect(signal.aborted).toBe(false);
    expect((await semaphore.inspect()).held).toBe(1);
    return lock.permit;
  });
  expect(result).toBe(0);
  expect((await semaphore.inspect()).held).toBe(0);
});

test('closing: close() aborts a routine and ends the calls of a semaphore', async () => {
  const { redlock } = world();
  const semaphore = redlock.semaphore('seats', 1);
  const reason = await semaphore.using(TTL, async (signal) => {
    await redlock.close();
    return signal.reason as unknown;
  });
  expect(RedlockClosedError.is(reason)).toBe(true);
  for (const call of [semaphore.inspect(), semaphore.acquire(TTL), semaphore.tryAcquire(TTL)]) {
    expect(await rejectionOf(call)).toMatchObject({ code: 'CLOSED', resources: ['seats'] });
  }
});

test('inspect shows the holders, with the least time that a quorum has left for each', async () => {
  const { seats, runtime } = processes(3);
  const { semaphore } = seats();
  runtime.chance = 0;
  const locks = await take(seats(), 2);
  expect(await semaphore.inspect()).toEqual({
    name: 'seats',
    permits: 3,
    held: 2,
    holders: locks.map(({ permit, token }) => ({ permit, token, owner: null, expiresIn: TTL })),
    waiting: 0,
  });
});

test('inspect shows no holder on a minority of nodes', async () => {
  const { seats, servers } = processes(2);
  await servers[0]?.steal('{seats}:permit:0', 'x');
  expect(await seats().semaphore.inspect()).toMatchObject({ held: 0, holders: [] });
});

test('inspect shows the label in a token, and none of another library', async () => {
  const { seats, servers } = processes(2);
  const nanoid = 'V1StGXR8_Z5jdHi6B-myT';
  for (const server of servers) {
    await server.steal('{seats}:permit:0', `api-7:${nanoid}`);
    await server.steal('{seats}:permit:1', 'uuid:thread');
  }
  const { holders } = await seats().semaphore.inspect();
  expect(holders.map(({ owner }) => owner)).toEqual(['api-7', null]);
});

const ADOPTS: readonly (readonly [string, unknown[], string])[] = [
  ['a permit that is no number', ['0', 'token', TTL], 'TypeError: permit must be a number'],
  [
    'permit -1',
    [-1, 'token', TTL],
    'RangeError: permit must be a whole number from 0 to 2, not -1',
  ],
  ['permit 3', [3, 'token', TTL], 'RangeError: permit must be a whole number from 0 to 2, not 3'],
  ['no token', [0, undefined, TTL], 'TypeError: token must be a string'],
  ['a word of the protocol', [0, 'shared', TTL], 'RangeError: token must not be "shared"'],
  ['a mode', [0, 'token', TTL, { mode: 'shared' }], 'TypeError: A semaphore has no option "mode"'],
  ['a wait', [0, 'token', TTL, { wait: 5 }], 'TypeError: There is no option "wait"'],
];

test.each(ADOPTS)('arguments: the adoption of %s is refused', async (_, given, message) => {
  const { redlock, sent } = world();
  const semaphore = redlock.semaphore('seats', 3);
  const error = await rejectionOf(semaphore.adopt(...(given as Parameters<Semaphore['adopt']>)));
  expect(classAndMessage(error)).toContain(message);
  expect(sent()).toEqual([0, 0, 0]);
});

test('adoption: a permit whose token is not there is NOT_HELD', async () => {
  const { seats } = processes(2);
  const [lock] = await take(seats(), 1);
  const error = await rejectionOf(seats().semaphore.adopt(lock?.permit ?? 0, 'of no lock', TTL));
  expect(error).toMatchObject({ code: 'LOCK_LOST', reason: 'NOT_HELD' });
  expect(lock?.remaining()).toBeGreaterThan(0);
  await lock?.extend();
});
