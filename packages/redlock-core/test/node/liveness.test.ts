import { describe, expect, test } from '@jest/globals';
import type { Redlock } from 'redlock-core';
import { settle } from '../support/settle.js';
import { TestNode } from '../support/test-node.js';
import { redlockOver } from '../support/three-nodes.js';

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
  // What waits for the end of the tick is written before the release makes it needless.
  await settle();
  await lock.release();
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
