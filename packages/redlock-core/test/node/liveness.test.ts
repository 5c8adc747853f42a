import { expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import type { Lock, Redlock } from 'redlock-core';
import { settle } from '../support/settle.js';
import { TestNode } from '../support/test-node.js';
import { held, redlockOver, TTL, world, type World } from '../support/world.js';

const GIVEN_UP = new Error('Command timed out');
const LONG_TTL = 60_000;

/** `c` answers nothing, which is known. */
async function unresponsiveNode() {
  const all = world();
  all.c.mode = 'hold';
  await all.redlock.acquire('first', LONG_TTL);
  await all.time.advance(1000);
  return all;
}

test('the number of commands to a node that answers nothing is bounded, and no lock is left there', async () => {
  const { redlock, time, c } = await unresponsiveNode();
  const cycles = async (round: number): Promise<number> => {
    for (let index = 0; index < 200; index++) {
      const lock = await redlock.acquire(`r${round}-${index}`, LONG_TTL);
      await lock.release();
    }
    await time.advance(1000);
    return c.commandCount;
  };
  const bound = await cycles(0);
  expect(bound).toBeLessThan(200);
  expect(await cycles(1)).toBe(bound);
  const other = await redlock.acquire('other', LONG_TTL);
  for (let count = 0; count < 10; count++) await other.extend();
  expect(c.commandCount).toBe(bound);

  c.answer();
  await settle();
  const last = await redlock.acquire('last', LONG_TTL);
  expect(await c.server.holderOf('last')).toBe(last.token);
  const keys = c.operations.flatMap((operation) => operation.keys);
  for (const key of keys.filter((name) => name.startsWith('r'))) {
    expect(await c.server.holderOf(key)).toBeNull();
  }
});

test('errors: a node with enough unanswered commands fails at once, as UNRESPONSIVE', async () => {
  const { redlock, time, b, c } = await unresponsiveNode();
  for (let count = 0; count < 100; count++) await redlock.acquire(`r${count}`, LONG_TTL);
  b.fail();
  const start = time.now();
  const error = await rejectionOf(redlock.tryAcquire('r', LONG_TTL));
  const silent = { node: 'c', result: 'failed', error: { code: 'UNRESPONSIVE' } };
  expect(error).toMatchObject({ code: 'QUORUM_UNAVAILABLE', votes: [{ node: 'b' }, silent] });
  expect(time.now()).toBe(start);
  expect(c.unanswered.length).toBeLessThan(100);
});

test('the connection of a node is replaced after each 10 s without an answer', async () => {
  const { time, c } = await unresponsiveNode();
  await time.advance(8999);
  expect(c.reconnects).toBe(0);
  await time.advance(1);
  expect(c.reconnects).toBe(1);
  await time.advance(10_000);
  expect(c.reconnects).toBe(2);
});

type Arrange = (all: World & { lock: Lock }) => unknown;

/** How often the connection of `c` is replaced within 10 s, after what happened to `c` before. */
const CASES: readonly (readonly [what: string, reconnects: number, arrange: Arrange])[] = [
  ['answers nothing, from the ms of its last answer,', 1, () => null],
  ['answers all commands', 0, ({ c }) => c.answer()],
  ['loses its connection', 0, ({ c }) => c.disconnect()],
  ['connects again', 0, ({ c, time }) => time.advance(1000).then(() => c.connected())],
  ['answers nothing while its Redlock is closed', 0, ({ redlock }) => redlock.close()],
  [
    'answers the later of two commands',
    0,
    async ({ redlock, time, c }) => {
      await time.advance(100);
      await redlock.acquire('later', LONG_TTL);
      await time.advance(1);
      c.last('acquire').reply();
    },
  ],
  ...[10, 3000].map((ms) => {
    const arrange: Arrange = async ({ lock, time, c }) => {
      await time.advance(10);
      await lock.release();
      await time.advance(ms);
      c.last('extend').reply();
    };
    return [`answers the earlier of two commands after ${ms} ms`, 1, arrange] as const;
  }),
];

test.each(CASES)('the connection of a node that %s is replaced %i times', async (...given) => {
  const [, reconnects, arrange] = given;
  const all = await held('r', {}, LONG_TTL);
  const { c, time, lock } = all;
  c.mode = 'hold';
  await lock.extend();
  await arrange(all);
  await time.advance(10_000);
  expect(c.reconnects).toBe(reconnects);
});

test('a connection is replaced if its client gives up one command after another, not just all', async () => {
  const { redlock, time, c } = world();
  c.mode = GIVEN_UP;
  await redlock.acquire('r', LONG_TTL);
  await time.advance(30_000);
  expect(c.reconnects).toBe(0);
  for (let seconds = 0; seconds < 21; seconds++) {
    await redlock.acquire(`r${seconds}`, LONG_TTL);
    await time.advance(1000);
  }
  expect(c.reconnects).toBe(2);
});

/** Their slots are 15495 and 3300. */
const MUTE = '{a}';
const SOUND = '{b}';

/** Three nodes; `c` is a Cluster, one of whose masters answers nothing, which is known. */
async function muteMaster({ named = true } = {}) {
  const c = new TestNode('c', {
    cluster: true,
    ...(named && { masterOf: (slot: number) => (slot < 8192 ? 'low' : 'high') }),
  });
  const three = redlockOver([new TestNode('a'), new TestNode('b'), c]);
  c.hold(({ keys }) => keys[0]?.startsWith(MUTE) ?? false);
  await three.redlock.acquire(`${MUTE}first`, LONG_TTL);
  await three.runtime.advance(1000);
  return { ...three, c };
}

/** Locks `count` resources on each of the two masters. */
async function lockAndRelease(redlock: Redlock, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    for (const tag of [MUTE, SOUND]) {
      const lock = await redlock.acquire(`${tag}${index}`, LONG_TTL);
      // A command that waits for the end of the tick is written before the release makes it needless.
      await settle();
      await lock.release();
    }
  }
}

test('a mute master of a Cluster is sent a bounded number of commands while the other masters answer', async () => {
  const { redlock, runtime, c } = await muteMaster();
  await lockAndRelease(redlock, 50);
  await runtime.advance(1000);
  const bound = c.unanswered.length;
  expect(bound).toBeLessThan(5);
  await lockAndRelease(redlock, 50);
  expect(c.unanswered).toHaveLength(bound);
  expect(c.given('acquire').filter(({ answered }) => answered)).toHaveLength(100);

  c.answer();
  await settle();
  const lock = await redlock.acquire(`${MUTE}last`, LONG_TTL);
  expect(await c.server.holderOf(`${MUTE}last`)).toBe(lock.token);
});

test('a mute master of a Cluster has its connection replaced after 10 s, and no other master has', async () => {
  const { redlock, runtime, c } = await muteMaster();
  for (let seconds = 0; seconds < 9; seconds++) {
    await redlock.acquire(`${SOUND}${seconds}`, LONG_TTL);
    await runtime.advance(999);
  }
  expect(c.reconnected).toEqual([]);
  await runtime.advance(10);
  expect(c.reconnected).toEqual(['high']);
});

test('a mute master of a Cluster is known by its slots if the adapter does not name it', async () => {
  const { redlock, c } = await muteMaster({ named: false });
  const before = c.commandCount;
  await lockAndRelease(redlock, 50);
  expect(c.unanswered).toHaveLength(1);
  expect(c.commandCount).toBe(before + 100);
});

test('closing: a mute master of a Cluster keeps its connection, even if it was no master before close()', async () => {
  let master = 'old';
  const c = new TestNode('c', { cluster: true, masterOf: () => master });
  const { redlock, runtime } = redlockOver([c]);
  const lock = await redlock.acquire('r', TTL);
  await redlock.close();
  master = 'new';
  c.mode = 'hold';
  expect(await Promise.all([lock.release(), runtime.advance(30_000)])).toContain(false);
  expect(c.releases).toBe(1);
  expect(c.reconnected).toEqual([]);
});
