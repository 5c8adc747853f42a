import { expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { Rounds } from 'redlock-core/internal';
import { settle } from '../support/settle.js';
import { TTL, world } from '../support/world.js';

const SHARED = { mode: 'shared' } as const;
const REENTRANT = { reentrant: true } as const;

/** Two processes; what stands under the key on each server. */
function two() {
  const all = world();
  return { ...all, one: all, two: all.process() };
}

const EVERYWHERE = ['shared', 'shared', 'shared'];
const FREE = [null, null, null];

test('shared locks are held side by side, in one process and in several', async () => {
  const { one, two: other, holders } = two();
  const locks = [
    await one.redlock.acquire('r', TTL, SHARED),
    await one.redlock.acquire('r', TTL, SHARED),
    await other.redlock.acquire('r', TTL, SHARED),
  ];
  await settle();
  expect(locks.map(({ mode, fencingToken }) => [mode, fencingToken])).toEqual(
    locks.map(() => ['shared', 0]),
  );
  for (const lock of locks) {
    expect(await holders()).toEqual(EVERYWHERE);
    expect(await lock.release()).toBe(true);
    await settle();
  }
  expect(await holders()).toEqual(FREE);
});

test('repair: a node that lost a shared lock holds it again after an extension', async () => {
  const { one, servers, holders } = two();
  const lock = await one.redlock.acquire('r', TTL, SHARED);
  await settle();
  servers[0]?.restart();
  await lock.extend();
  await settle();
  expect(await holders()).toEqual(EVERYWHERE);
  await lock.release();
  await settle();
  expect(await holders()).toEqual(FREE);
});

test('keep-for: keepFor of a shared lock keeps exclusive ones out, and lets shared ones in', async () => {
  const { one, two: other, time } = two();
  const lock = await one.redlock.acquire('r', TTL, SHARED);
  expect(await lock.release({ keepFor: 2000 })).toBe(true);
  expect(await other.redlock.tryAcquire('r', TTL)).toBeNull();
  expect(await other.redlock.tryAcquire('r', 500, SHARED)).not.toBeNull();
  await time.advance(2000);
  expect(await other.redlock.tryAcquire('r', TTL)).not.toBeNull();
});

test('shared locks are shown by inspect and by the error of an exclusive caller, each with its owner', async () => {
  const { process } = world();
  const [one, other] = [process({ owner: 'api-1' }), process({ owner: 'api-2' })];
  const locks = [
    await one.redlock.acquire('r', TTL, SHARED),
    await other.redlock.acquire('r', 2 * TTL, SHARED),
  ];
  await settle();
  const { state, holders, nodes } = await one.redlock.inspect('r');
  expect(state).toBe('shared');
  expect(holders).toEqual([
    { token: locks[0]?.token, owner: 'api-1', mode: 'shared', expiresIn: TTL },
    { token: locks[1]?.token, owner: 'api-2', mode: 'shared', expiresIn: 2 * TTL },
  ]);
  expect(nodes.map(({ token, expiresIn }) => [token, expiresIn])).toEqual(
    nodes.map(() => [null, 2 * TTL]),
  );
  const denied = await rejectionOf(process().redlock.acquire('r', TTL, { wait: 0 }));
  expect(denied).toMatchObject({ owners: ['api-1', 'api-2'] });
  expect(String(denied)).toContain('locked by api-1, api-2.');
});

test('adoption: one of a shared lock takes its place among the holders', async () => {
  const { one, two: other, holders } = two();
  const lock = await one.redlock.acquire('r', TTL, SHARED);
  lock.detach();
  const adopted = await other.redlock.adopt('r', lock.token, 2 * TTL, SHARED);
  expect(adopted.mode).toBe('shared');
  expect(await adopted.release()).toBe(true);
  await settle();
  expect(await holders()).toEqual(FREE);
});

test.each(['shared', 'awaited'])(
  'arguments: the word "%s" of the protocol is refused as a token, before anything is sent',
  async (word) => {
    const { one, two: other } = two();
    await one.redlock.acquire('r', TTL, SHARED);
    for (const mode of ['shared', 'exclusive'] as const) {
      const refused = await rejectionOf(other.redlock.adopt('r', word, TTL, { mode }));
      expect(refused).toBeInstanceOf(RangeError);
    }
    expect(() => new Rounds(one.nodes).hold('r', word, TTL)).toThrow(RangeError);
    expect(other.sent()).toEqual([0, 0, 0]);
  },
);

test.each([
  ['an exclusive', {}],
  ['a shared', SHARED],
])('re-entry: a shared lock inside %s one shares it', async (_, mode) => {
  const { redlock } = world();
  await redlock.using('r', TTL, { ...REENTRANT, ...mode }, async (_signal, outer) => {
    const inner = await redlock.acquire('r', TTL, { ...REENTRANT, ...SHARED });
    expect([inner.mode, inner.token]).toEqual(['shared', outer.token]);
    await inner.release();
    expect(outer.remaining()).toBeGreaterThan(0);
  });
});

test.each(['acquire', 'tryAcquire'] as const)(
  're-entry: %s of an exclusive lock inside a shared one is refused, because two would wait for each other',
  async (method) => {
    const { redlock } = world();
    await redlock.using('r', TTL, { ...REENTRANT, ...SHARED }, async () => {
      const refused = await rejectionOf(redlock[method]('r', TTL, REENTRANT));
      expect(refused).toBeInstanceOf(RangeError);
      expect(String(refused)).toContain('wait for each other');
    });
  },
);
