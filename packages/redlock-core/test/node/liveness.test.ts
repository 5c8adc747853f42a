import { describe, expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import type { Redlock } from 'redlock-core';
import { settle } from '../support/settle.js';
import { TestNode } from '../support/test-node.js';
import { held, redlockOver, TTL, world } from '../support/world.js';

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

describe('the number of commands to a node that answers nothing', () => {
  test('is bounded, however many locks come and go, and nothing is left when it answers', async () => {
    const { redlock, time, c } = await unresponsiveNode();
    const cycles = async (round: number): Promise<number> => {
      for (let index = 0; index < 300; index++) {
        const lock = await redlock.acquire(`r${round}-${index}`, LONG_TTL);
        await lock.release();
      }
      await time.advance(1000);
      return c.commandCount;
    };
    const bound = await cycles(0);
    expect(bound).toBeLessThan(200);
    expect([await cycles(1), await cycles(2)]).toEqual([bound, bound]);

    c.answer();
    await settle();
    const last = await redlock.acquire('last', LONG_TTL);
    expect(await c.server.holderOf('last')).toBe(last.token);
    const keys = c.operations.flatMap((operation) => operation.keys);
    for (const key of keys.filter((name) => name.startsWith('r'))) {
      expect(await c.server.holderOf(key)).toBeNull();
    }
  });

  test('does not grow with extensions', async () => {
    const { redlock, c } = await unresponsiveNode();
    const lock = await redlock.acquire('r', LONG_TTL);
    const before = c.commandCount;
    for (let count = 0; count < 10; count++) await lock.extend();
    expect(c.commandCount).toBe(before);
  });
});

test('errors: a node with enough unanswered commands fails at once, as SILENT', async () => {
  const { redlock, time, b, c } = await unresponsiveNode();
  for (let count = 0; count < 100; count++) await redlock.acquire(`r${count}`, LONG_TTL);
  b.fail();
  const start = time.now();
  const error = await rejectionOf(redlock.tryAcquire('r', LONG_TTL));
  const silent = { node: 'c', vote: 'failed', error: { code: 'SILENT' } };
  expect(error).toMatchObject({ code: 'QUORUM_UNAVAILABLE', votes: [{ node: 'b' }, silent] });
  expect(time.now()).toBe(start);
  expect(c.unanswered.length).toBeLessThan(100);
});

describe('the connection of a node is replaced', () => {
  test('after each 10 s without an answer', async () => {
    const { time, c } = await unresponsiveNode();
    await time.advance(8999);
    expect(c.reconnects).toBe(0);
    await time.advance(1);
    expect(c.reconnects).toBe(1);
    await time.advance(10_000);
    expect(c.reconnects).toBe(2);
  });

  test('when its client gives up one command after another', async () => {
    const { redlock, time, c } = world();
    c.mode = GIVEN_UP;
    for (let seconds = 0; seconds < 21; seconds++) {
      await redlock.acquire(`r${seconds}`, LONG_TTL);
      await time.advance(1000);
    }
    expect(c.reconnects).toBe(2);
  });

  test('10 s after the first unanswered command, if the last answer came in the same ms', async () => {
    const { time, c, lock } = await held();
    c.mode = 'hold';
    await lock.release();
    await time.advance(10_000);
    expect(c.reconnects).toBe(1);
  });

  test.each([
    { when: 'before the later one times out', after: 10 },
    { when: 'after that', after: 3000 },
  ])('though it has answered an earlier command $when', async ({ after }) => {
    const { time, c, lock } = await held('r', {}, LONG_TTL);
    c.mode = 'hold';
    await lock.extend();
    await time.advance(10);
    await lock.release();
    await time.advance(after);
    c.last('extend').reply();
    await settle();
    expect(c.unanswered).toHaveLength(1);
    await time.advance(10_000);
    expect(c.reconnects).toBe(1);
  });
});

describe('the connection of a node is kept', () => {
  test.each(['answers', 'connects again', 'loses its connection'] as const)(
    'if the node %s meanwhile',
    async (what) => {
      const { time, c } = await unresponsiveNode();
      if (what === 'answers') c.answer();
      else if (what === 'connects again') c.connected();
      else c.disconnect();
      await time.advance(30_000);
      expect(c.reconnects).toBe(0);
    },
  );

  test('if its client has given up all commands, and none was sent since', async () => {
    const { redlock, time, c } = world();
    c.mode = GIVEN_UP;
    await redlock.acquire('r', LONG_TTL);
    await time.advance(30_000);
    expect(c.reconnects).toBe(0);
  });

  test('if it leaves one command unanswered and has answered a later one', async () => {
    const { redlock, time, c } = world();
    c.mode = 'hold';
    await redlock.acquire('one', LONG_TTL);
    await time.advance(100);
    await redlock.acquire('two', LONG_TTL);
    await time.advance(1);
    c.last('acquire').reply();
    await time.advance(30_000);
    expect(c.reconnects).toBe(0);
  });

  test.each(['after', 'before'])('closing: by a close() %s its timeout', async (when) => {
    const { redlock, time, c } = when === 'after' ? await unresponsiveNode() : world();
    c.mode = 'hold';
    await redlock.acquire('r', LONG_TTL);
    await redlock.close();
    await time.advance(30_000);
    expect(c.reconnects).toBe(0);
  });
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

describe('a master of a Cluster that answers nothing', () => {
  test('is sent a bounded number of commands while the other masters answer', async () => {
    const { redlock, runtime, c } = await muteMaster();
    await lockAndRelease(redlock, 100);
    await runtime.advance(1000);
    const bound = c.unanswered.length;
    expect(bound).toBeLessThan(5);
    await lockAndRelease(redlock, 100);
    expect(c.unanswered).toHaveLength(bound);
    expect(c.given('acquire').filter(({ answered }) => answered)).toHaveLength(200);

    c.answer();
    await settle();
    const lock = await redlock.acquire(`${MUTE}last`, LONG_TTL);
    expect(await c.server.holderOf(`${MUTE}last`)).toBe(lock.token);
  });

  test('has its connection replaced after 10 s, and no other master has', async () => {
    const { redlock, runtime, c } = await muteMaster();
    for (let seconds = 0; seconds < 9; seconds++) {
      await redlock.acquire(`${SOUND}${seconds}`, LONG_TTL);
      await runtime.advance(999);
    }
    expect(c.reconnected).toEqual([]);
    await runtime.advance(10);
    expect(c.reconnected).toEqual(['high']);
  });

  test('is told apart by its slots if the adapter does not name it', async () => {
    const { redlock, c } = await muteMaster({ named: false });
    const before = c.commandCount;
    await lockAndRelease(redlock, 50);
    expect(c.unanswered).toHaveLength(1);
    expect(c.commandCount).toBe(before + 100);
  });

  test('closing: keeps its connection, even if it was no master before close()', async () => {
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
});
