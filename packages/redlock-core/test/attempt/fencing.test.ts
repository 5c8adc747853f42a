import { expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { QuorumError, type AcquireOptions, type Lock } from 'redlock-core';
import { ManualRuntime } from '../support/manual-runtime.js';
import { settle } from '../support/settle.js';
import { held, TTL, world } from '../support/world.js';

const MINUTE = 60_000;

function microsOf(time: ManualRuntime): number {
  return time.wallNow() * 1000;
}

test('nodes whose clocks agree have the fencing token after one command each, also for a resource never seen before', async () => {
  const { redlock, time, counters, everywhere, mark } = world();
  for (const resource of ['r', 's', 'r']) {
    const since = mark();
    const lock = await redlock.acquire(resource, TTL);
    await settle();
    expect(await counters(resource)).toEqual(everywhere(lock.fencingToken));
    expect(since()).toEqual([1, 1, 1]);
    await lock.release();
    await time.advance(1);
  }
});

test('the counter outlives the lock by a minute and the longest ttl, as granted, written back, extended and repaired', async () => {
  const { redlock, time, a, c, expiries, everywhere } = world();
  await a.server.setCounter('r', microsOf(time) + 5000);
  const lock = await redlock.acquire('r', TTL);
  await settle();
  expect(await expiries('{r}:fencing')).toEqual(everywhere(TTL + MINUTE + TTL));
  await c.server.steal('r');
  await c.server.setCounter('r');
  await lock.extend(2 * TTL);
  await settle();
  // Those that are right need no renewal.
  const renewed = 2 * TTL + MINUTE + 2 * TTL;
  expect(await expiries('{r}:fencing')).toEqual([TTL + MINUTE + TTL, TTL + MINUTE + TTL, renewed]);
});

const off = { fencing: false };

test.each([
  ['the default', off, {}],
  ['the option of a call', {}, off],
])(
  'fencing: false as %s raises no counter, and the token is 0',
  async (_, defaults, own: AcquireOptions) => {
    const { redlock, counters, everywhere } = world(3, defaults);
    const expectUnfenced = async (lock: Lock | null): Promise<void> => {
      expect(lock?.fencingToken).toBe(0);
      await lock?.extend();
      await settle();
      expect(await counters()).toEqual(everywhere(null));
      await lock?.release();
    };
    await expectUnfenced(await redlock.acquire('r', TTL, own));
    await expectUnfenced(await redlock.tryAcquire('r', TTL, own));
    await redlock.using('r', TTL, own, async (_signal, lock) => expectUnfenced(lock));
  },
);

test('fencing: false as default is overruled by the option of a call', async () => {
  const { redlock, time } = world(3, off);
  const lock = await redlock.acquire('r', TTL, { fencing: true });
  expect(lock.fencingToken).toBe(microsOf(time));
});

/** A lock, and at these nodes a counter above its token, as after a later grant. */
async function superseded(...names: readonly string[]) {
  const three = await held();
  for (const { name, server } of three.nodes) {
    if (names.includes(name)) await server.setCounter('r', three.lock.fencingToken + 1);
  }
  return three;
}

test('an extension where a counter is above the token succeeds without that node, sends it nothing more, and does not count it', async () => {
  const { lock, time, c, mark } = await superseded('a');
  await time.advance(1000);
  const since = mark();
  await lock.extend();
  await settle();
  expect(lock.remaining()).toBe(9898);
  expect(since()).toEqual([1, 1, 1]);
  c.fail();
  const votes = [
    { node: 'a', result: 'denied' },
    { node: 'c', result: 'failed' },
  ];
  expect(await rejectionOf(lock.extend())).toMatchObject({ code: 'QUORUM_UNAVAILABLE', votes });
});

test('an extension where a counter is above the token on all nodes is a QuorumError and no loss, and does not say that nodes are out of reach', async () => {
  const { lock, time, names, holders, everywhere } = await superseded('a', 'b', 'c');
  const { signal } = lock;
  await time.advance(1000);
  const error = (await rejectionOf(lock.extend())) as Error;
  expect(error).toBeInstanceOf(QuorumError);
  expect(error.message).toContain('fewer than a quorum of nodes acknowledged it');
  expect(error.message).not.toContain('reachable');
  await settle();
  expect(signal.aborted).toBe(false);
  expect(lock.remaining()).toBe(9898 - 1000);
  expect(await holders()).toEqual(everywhere(lock.token));
  await time.advance(9898 - 1000);
  expect(signal.reason).toMatchObject({ code: 'LOCK_LOST', reason: 'EXPIRED' });
  expect(names()).toEqual(['acquired', 'lost']);
});
