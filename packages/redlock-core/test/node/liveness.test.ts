import { describe, expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import type { Redlock } from 'redlock-core';
import { settle } from '../support/settle.js';
import { TestNode } from '../support/test-node.js';
import { redlockOver, threeNodes } from '../support/three-nodes.js';

/** Their slots are 15495 and 3300. */
const MUTE = 'a';
const SOUND = 'b';

/** Three nodes; the last is a Cluster, one of whose masters answers nothing, and is known to. */
async function muteMaster({ named = true } = {}) {
  const cluster = new TestNode('c', {
    cluster: true,
    ...(named && { masterOf: (slot: number) => (slot < 8192 ? 'low' : 'high') }),
  });
  const three = redlockOver([new TestNode('a'), new TestNode('b'), cluster]);
  cluster.mode = (command) => {
    if (command.operations.every(({ keys }) => !keys[0]?.startsWith(`{${MUTE}}`))) command.reply();
  };
  await three.redlock.acquire(`{${MUTE}}first`, 60_000);
  await three.runtime.advance(1000);
  return { ...three, cluster };
}

async function cycle(redlock: Redlock, resource: string): Promise<void> {
  const lock = await redlock.acquire(resource, 60_000);
  // A grant that waits for the end of the tick is written before the release makes it needless.
  await settle();
  await lock.release();
}

/** `c` is silent, and known to be. */
async function silent() {
  const three = threeNodes();
  three.c.mode = 'hold';
  await three.redlock.acquire('first', 60_000);
  await three.runtime.advance(1000);
  return three;
}

describe('a master of a Cluster that has stopped answering', () => {
  test('is sent a bounded number of commands, though the others answer all the time', async () => {
    const { redlock, runtime, cluster } = await muteMaster();
    const lockAndRelease = async (): Promise<number> => {
      for (let index = 0; index < 200; index++) {
        await cycle(redlock, `{${MUTE}}${index}`);
        await cycle(redlock, `{${SOUND}}${index}`);
      }
      await runtime.advance(1000);
      return cluster.unanswered.length;
    };
    const bound = await lockAndRelease();
    expect(bound).toBeLessThan(5);
    expect(await lockAndRelease()).toBe(bound);
    expect(cluster.all('grant').filter(({ answered }) => answered)).toHaveLength(400);

    cluster.answer();
    await settle();
    const lock = await redlock.acquire(`{${MUTE}}last`, 60_000);
    expect(await cluster.server.holderOf(`{${MUTE}}last`)).toBe(lock.token);
  });

  test('has its connection replaced after 10 s without an answer, and no other master has', async () => {
    const { redlock, runtime, cluster } = await muteMaster();
    for (let seconds = 0; seconds < 9; seconds++) {
      await redlock.acquire(`{${SOUND}}${seconds}`, 60_000);
      await runtime.advance(999);
    }
    expect(cluster.reconnected).toEqual([]);
    await runtime.advance(10);
    expect(cluster.reconnected).toEqual(['high']);
  });

  test('is told apart by its slots where the adapter does not name it', async () => {
    const { redlock, cluster } = await muteMaster({ named: false });
    const before = cluster.commands.length;
    for (let count = 0; count < 100; count++) {
      await cycle(redlock, `{${SOUND}}${count}`);
      await cycle(redlock, `{${MUTE}}${count}`);
    }
    expect(cluster.unanswered.length).toBe(1);
    expect(cluster.commands.length).toBe(before + 200);
  });

  test('keeps its connection after close(), also if it was not a master until then', async () => {
    let master = 'old';
    const cluster = new TestNode('c', { cluster: true, masterOf: () => master });
    const { redlock, runtime } = redlockOver([cluster]);
    const lock = await redlock.acquire('r', 60_000);
    await redlock.close();
    master = 'new';
    cluster.mode = 'hold';
    expect(await Promise.all([lock.release(), runtime.advance(30_000)])).toContain(false);
    expect(cluster.kinds).toEqual(['grant', 'release']);
    expect(cluster.reconnected).toEqual([]);
  });
});

describe('a node that has stopped answering', () => {
  test('is sent a bounded number of commands, however many locks come and go', async () => {
    const { redlock, runtime, c } = await silent();
    const lockAndRelease = async (round: number): Promise<number> => {
      for (let index = 0; index < 1000; index++) {
        const lock = await redlock.acquire(`r${round}-${index}`, 60_000);
        await lock.release();
      }
      await runtime.advance(1000);
      return c.commands.length;
    };
    const bound = await lockAndRelease(0);
    expect(bound).toBeLessThan(200);
    expect(await lockAndRelease(1)).toBe(bound);
    expect(await lockAndRelease(2)).toBe(bound);

    c.answer();
    await settle();
    await redlock.acquire('last', 60_000);
    expect(c.latest('grant').keys).toEqual(['last']);
    const left = c.operations.flatMap(({ keys }) => keys).filter((key) => key.startsWith('r'));
    for (const key of left) expect(await c.server.holderOf(key)).toBeNull();
  });

  test('is sent one extension of a lock, not all of them', async () => {
    const { redlock, c } = await silent();
    const lock = await redlock.acquire('r', 60_000);
    const before = c.commands.length;
    for (let count = 0; count < 10; count++) await lock.extend();
    expect(c.commands.length).toBe(before);
  });

  test('fails at once when enough is in flight', async () => {
    const { redlock, b, c } = await silent();
    for (let count = 0; count < 100; count++) await redlock.acquire(`r${count}`, 60_000);
    b.mode = new Error('connect ECONNREFUSED');
    const error = await rejectionOf(redlock.tryAcquire('r', 60_000));
    expect(error).toMatchObject({
      code: 'QUORUM_UNAVAILABLE',
      votes: expect.arrayContaining([
        expect.objectContaining({ node: 'c', error: expect.objectContaining({ code: 'SILENT' }) }),
      ]),
    });
    expect(c.unanswered.length).toBeLessThan(100);
  });

  test('has its connection replaced after each 10 s without an answer', async () => {
    const { runtime, c } = await silent();
    await runtime.advance(8999);
    expect(c.reconnects).toBe(0);
    await runtime.advance(1);
    expect(c.reconnects).toBe(1);
    await runtime.advance(10_000);
    expect(c.reconnects).toBe(2);
  });

  test.each(['answers', 'connects', 'is not connected'] as const)(
    'keeps its connection if it %s meanwhile',
    async (what) => {
      const { runtime, c } = await silent();
      if (what === 'answers') c.answer();
      else if (what === 'connects') c.connected();
      else c.disconnect();
      await runtime.advance(30_000);
      expect(c.reconnects).toBe(0);
    },
  );

  test('keeps its connection when its client has given up all it was given, and nothing was asked since', async () => {
    const { redlock, runtime, c } = threeNodes();
    c.mode = new Error('Command timed out');
    await redlock.acquire('r', 60_000);
    await runtime.advance(30_000);
    expect(c.unanswered).toEqual([]);
    expect(c.reconnects).toBe(0);
  });

  test('has its connection replaced when its client gives up one command after another', async () => {
    const { redlock, runtime, c } = threeNodes();
    c.mode = new Error('Command timed out');
    for (let seconds = 0; seconds < 21; seconds++) {
      await redlock.acquire(`r${seconds}`, 60_000);
      await runtime.advance(1000);
    }
    expect(c.reconnects).toBe(2);
  });

  test('is one that has answered nothing since the very moment at which it was asked', async () => {
    const { redlock, runtime, c } = threeNodes();
    const lock = await redlock.acquire('r', 10_000);
    await settle();
    c.mode = 'hold';
    await lock.release();
    await runtime.advance(10_000);
    expect(c.reconnects).toBe(1);
  });

  test('is none that leaves one command unanswered but has answered another', async () => {
    const { redlock, runtime, c } = threeNodes();
    c.mode = 'hold';
    await redlock.acquire('one', 60_000);
    await runtime.advance(100);
    await redlock.acquire('two', 60_000);
    await runtime.advance(1);
    c.latest('grant').command.reply();
    await runtime.advance(30_000);
    expect(c.reconnects).toBe(0);
  });

  test.each([
    { case: 'before the later one is overdue', after: 10 },
    { case: 'after that', after: 3000 },
  ])(
    'has its connection replaced though it has answered an earlier command, $case',
    async ({ after }) => {
      const { redlock, runtime, c } = threeNodes();
      const lock = await redlock.acquire('r', 60_000);
      c.mode = 'hold';
      await lock.extend();
      await runtime.advance(10);
      await lock.release();
      await runtime.advance(after);
      c.latest('extend').command.reply();
      await settle();
      expect(c.unanswered.map((command) => command.has('release'))).toEqual([true]);
      await runtime.advance(10_000);
      expect(c.reconnects).toBe(1);
    },
  );

  test('keeps its connection after close()', async () => {
    const { redlock, runtime, c } = await silent();
    await redlock.close();
    await runtime.advance(30_000);
    expect(c.reconnects).toBe(0);
  });

  test('keeps its connection when close() comes before its timeout', async () => {
    const { redlock, runtime, c } = threeNodes();
    c.mode = 'hold';
    await redlock.acquire('r', 60_000);
    await redlock.close();
    await runtime.advance(30_000);
    expect(c.reconnects).toBe(0);
  });
});
