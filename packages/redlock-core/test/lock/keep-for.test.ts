import { expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { settle } from '../support/settle.js';
import { held, TTL } from '../support/world.js';

/** `r` is held; what each server has of it. */
async function keeping() {
  const all = await held();
  const { lock, expiries, holders } = all;
  /** Every node has the key, under the token of no lock, for so long. */
  const expectKept = async (ms: number): Promise<void> => {
    const [token, ...others] = await holders();
    expect(token).not.toBeNull();
    expect(token).not.toBe(lock.token);
    expect(others).toEqual([token, token]);
    expect(await expiries()).toEqual([ms, ms, ms]);
  };
  return { ...all, other: all.process(), expectKept };
}

test.each([
  ['longer than', 30_000],
  ['shorter than', 100],
])(
  'keep-for: keepFor of a time %s the ttl keeps the resource from all until then',
  async (_, ms) => {
    const { lock, redlock, other, time, expectKept } = await keeping();
    expect(await lock.release({ keepFor: ms })).toBe(true);
    await settle();
    await expectKept(ms);
    await time.advance(ms - 1);
    for (const each of [other.redlock, redlock]) {
      expect(await each.tryAcquire('r', TTL)).toBeNull();
    }
    await time.advance(1);
    expect(await other.redlock.tryAcquire('r', TTL)).not.toBeNull();
  },
);

test('keep-for: keepFor ends the lock: nothing more is sent for it, and it is no loss', async () => {
  const { lock, time, seen, mark } = await keeping();
  const { signal } = lock;
  await lock.release({ keepFor: 30_000 });
  await settle();
  const since = mark();
  expect(lock.remaining()).toBe(0);
  expect(await rejectionOf(lock.extend())).toMatchObject({ code: 'LOCK_RELEASED' });
  await time.advance(60_000);
  expect(signal.aborted).toBe(false);
  expect(since()).toEqual([0, 0, 0]);
  expect(seen).toEqual([
    ['acquired', { lock, waited: 0, attempts: 1 }],
    ['released', { lock, confirmed: true }],
  ]);
});

test.each([
  ['without keepFor', {}],
  ['with another', { keepFor: 5 }],
])('keep-for: keepFor holds although a second release follows %s', async (_, second) => {
  const { lock, expectKept } = await keeping();
  const releases = [lock.release({ keepFor: 30_000 }), lock.release(second)];
  expect(await Promise.all(releases)).toEqual([true, true]);
  expect(await lock.release(second)).toBe(true);
  await settle();
  await expectKept(30_000);
});

test.each(['another process', 'the same process'])(
  'keep-for: keepFor notifies no waiter in %s, and costs it one attempt at most until it ends',
  async (where) => {
    const { lock, other, time, ...same } = await keeping();
    const waiter = where === 'the same process' ? same : other;
    time.chance = 0;
    const patient = { pollInterval: 60_000, wait: Infinity };
    const waiting = waiter.redlock.acquire('r', TTL, patient);
    await time.advance(1000);
    const releasing = lock.release({ keepFor: 50_000 });
    await settle();
    // A waiter of the same process learns at once until when the key is kept.
    const before = waiter.a.acquires;
    await releasing;
    await time.advance(49_999);
    const messages = other.nodes.flatMap(({ subscriptions }) => subscriptions);
    expect(messages.flatMap((subscription) => subscription.messages)).toEqual([]);
    expect(waiter.a.acquires - before).toBeLessThanOrEqual(1);
    await time.advance(60_000);
    expect((await waiting).token).not.toBe(lock.token);
  },
);

test('keep-for: keepFor keeps the key on a node that was unreachable for what is left of the time', async () => {
  const { lock, c, time, holders, expiries } = await keeping();
  c.disconnect();
  expect(await lock.release({ keepFor: 30_000 })).toBe(true);
  await time.advance(1000);
  expect((await holders())[2]).toBe(lock.token);
  c.connected();
  await settle();
  const [token] = await holders();
  expect(await holders()).toEqual([token, token, token]);
  expect(await expiries()).toEqual([29_000, 29_000, 29_000]);
});
