import { expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { knownWorld, restart } from '../support/restart.js';
import { settle } from '../support/settle.js';
import { TTL, world } from '../support/world.js';

/** The longest for which any attempt may run, in ms: two node timeouts, at least two seconds. */
const LONGEST_ATTEMPT = 2000;
const GIVEN_UP = new Error('Command timed out');

async function heldLock() {
  const all = await knownWorld();
  const lock = await all.redlock.acquire('r', TTL);
  await settle();
  return { ...all, lock };
}

/** The first node denies, the second does not answer, and the third has granted. */
async function undecided() {
  const all = await knownWorld();
  await all.servers[0]?.steal('r', 'theirs');
  all.b.mode = 'hold';
  const attempt = all.redlock.acquire('r', TTL, { wait: 0 });
  await settle();
  return { ...all, attempt };
}

test('quarantine: a lock is repaired on a node that restarted by an extension, which counts for the next one', async () => {
  const { time, a, b, c, lock, holders, everywhere } = await heldLock();
  restart(c);
  await lock.extend();
  await settle();
  expect(await holders()).toEqual(everywhere(lock.token));
  await time.advance(LONGEST_ATTEMPT);
  a.mode = GIVEN_UP;
  await lock.extend();
  restart(b);
  expect(await lock.release()).toBe(false);
  await settle();
  expect(await c.server.holderOf('r')).toBeNull();
});

test('quarantine: a lock is not extended by a node that restarted while an attempt from before may run', async () => {
  const { time, a, c, lock } = await heldLock();
  restart(c);
  await lock.extend();
  await time.advance(LONGEST_ATTEMPT - 1);
  a.mode = GIVEN_UP;
  expect(await rejectionOf(lock.extend())).toMatchObject({
    code: 'QUORUM_UNAVAILABLE',
    votes: [{ node: 'a' }, { result: 'granted' }, { error: { code: 'QUARANTINED' } }],
  });
  await time.advance(1);
  await lock.extend();
});

test('quarantine: a lock is not extended by a reply on a connection whose server is not known yet', async () => {
  const { a, c, lock } = await heldLock();
  a.mode = GIVEN_UP;
  c.mode = 'hold';
  const extension = rejectionOf(lock.extend());
  await settle();
  c.identifying = 'hold';
  c.connected();
  c.answer();
  expect(await extension).toMatchObject({
    votes: [{ node: 'a' }, { node: 'b' }, { node: 'c', error: { code: 'RECONNECTED' } }],
  });
});

test('adoption: a lock is adopted also from nodes in quarantine', async () => {
  const { redlock, time, b, c, lock, holders } = await heldLock();
  restart(b);
  await lock.extend();
  await time.advance(LONGEST_ATTEMPT);
  c.mode = GIVEN_UP;
  lock.detach();
  const { token } = await redlock.adopt('r', lock.token, TTL);
  expect((await holders()).slice(0, 2)).toEqual([token, token]);
});

test('quarantine: a grant of an undecided attempt does not count once its node is connected again', async () => {
  const { attempt, b, c } = await undecided();
  restart(c);
  b.answer();
  expect(await rejectionOf(attempt)).toMatchObject({
    votes: [{ result: 'denied' }, { result: 'granted' }, { error: { code: 'RECONNECTED' } }],
  });
  await settle();
  expect(await b.server.holderOf('r')).toBeNull();
});

test('quarantine: a grant of an undecided attempt does not count once its node is connected again before the write-back', async () => {
  const { redlock, a, b, c } = await knownWorld();
  await a.server.steal('r', 'theirs');
  await c.server.setCounter('r', 1_800_000_000_000_000);
  b.hold((operation) => operation.verb !== 'acquire');
  const attempt = redlock.acquire('r', TTL, { wait: 0 });
  await settle();
  restart(c);
  b.answer();
  expect(await rejectionOf(attempt)).toMatchObject({ code: 'QUORUM_UNAVAILABLE' });
  await settle();
  expect(await b.server.holderOf('r')).toBeNull();
});

test('quarantine: a grant of an undecided attempt counts until it is older than any attempt may be', async () => {
  const { attempt, time, b } = await undecided();
  time.suspend(LONGEST_ATTEMPT);
  b.answer();
  expect((await attempt).remaining()).toBeGreaterThan(0);
  const late = await undecided();
  late.time.suspend(LONGEST_ATTEMPT + 1);
  late.b.answer();
  expect(await rejectionOf(late.attempt)).toMatchObject({
    code: 'QUORUM_UNAVAILABLE',
    message: expect.stringContaining('too much time passed'),
  });
  await settle();
  expect(await late.b.server.holderOf('r')).toBeNull();
});

test.each([
  { quarantineTime: undefined, ttl: 10_000, life: 80_000 },
  { quarantineTime: undefined, ttl: 300_000, life: 660_000 },
  { quarantineTime: undefined, ttl: 86_400_000, life: 87_300_000 },
  { quarantineTime: 600_000, ttl: 10_000, life: 80_000 },
])(
  'with quarantineTime $quarantineTime, the counter of a lock of $ttl ms lives for $life ms',
  async ({ quarantineTime, ttl, life }) => {
    const { redlock, expiries, everywhere } = world(3, { quarantineTime });
    await redlock.acquire('r', ttl);
    await settle();
    expect(await expiries('{r}:fencing')).toEqual(everywhere(life));
  },
);
