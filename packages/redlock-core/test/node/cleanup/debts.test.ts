import { describe, expect, test } from '@jest/globals';
import { settle } from '../../support/settle.js';
import { TestNode } from '../../support/test-node.js';
import { redlockOver, threeNodes } from '../../support/three-nodes.js';

test('a release on which the client gave up follows when the node answers again', async () => {
  const { redlock, runtime, c } = threeNodes();
  const lock = await redlock.acquire('r', 10_000);
  await runtime.advance(1);
  c.mode = new Error('Command timed out');
  expect(await lock.release()).toBe(true);
  await settle();
  c.mode = 'answer';
  await redlock.acquire('another', 10_000);
  await settle();
  expect(c.kinds).toEqual(['grant', 'release', 'grant', 'release']);
  expect(await c.server.holderOf('r')).toBeNull();
});

test('a node whose client gives up what it is given is asked again, and costs no more each time', async () => {
  const { redlock, names, c } = threeNodes();
  await redlock.acquire('first', 10_000);
  c.mode = new Error('Command timed out');
  const unsettled = async (): Promise<number> => {
    for (let count = 0; count < 100; count++) {
      const lock = await redlock.acquire(`r${count}`, 10_000);
      await settle();
      await lock.release();
      await settle();
    }
    return c.commands.length;
  };
  await unsettled();
  expect(names()).toContain('nodeFailed');
  c.mode = 'answer';
  await unsettled();
  expect(names()).toContain('nodeRecovered');
  const asked = new Set(c.operations.flatMap(({ keys }) => keys));
  asked.delete('first');
  for (const key of asked) expect(await c.server.holderOf(key)).toBeNull();
});

describe('a release that the server answers with an error', () => {
  const BUSY = new Error('BUSY Redis is busy running a script. You can only call SCRIPT KILL');
  const LOADING = new Error('LOADING Redis is loading the dataset in memory');

  test.each([BUSY, LOADING, new Error('NOREPLICAS Not enough good replicas to write.')])(
    'is repeated until it is executed: %s',
    async (error) => {
      const node = new TestNode('a');
      const { redlock, runtime } = redlockOver([node]);
      const lock = await redlock.acquire('r', 60_000);
      node.mode = error;
      expect(await lock.release()).toBe(false);
      await runtime.advance(5000);
      node.mode = 'answer';
      await runtime.advance(2000);
      expect(await node.server.holderOf('r')).toBeNull();
      expect(await redlock.tryAcquire('r', 60_000)).not.toBeNull();
    },
  );

  test('is repeated after pauses that grow, whatever else the node answers, one for all', async () => {
    const node = new TestNode('a');
    const { redlock, runtime } = redlockOver([node]);
    const names = ['one', 'two', 'three'];
    const locks = await Promise.all(names.map((name) => redlock.acquire(name, 60_000)));
    node.mode = (command) => {
      if (command.has('release')) command.fail(BUSY);
      else command.reply();
    };
    await Promise.all(locks.map((lock) => lock.release()));
    const before = node.all('release').length;
    for (let round = 0; round < 100; round++) {
      await redlock.inspect('one');
      await runtime.advance(100);
    }
    const repeated = node.all('release').length - before;
    expect(repeated).toBeGreaterThan(5);
    expect(repeated).toBeLessThan(15);
    node.mode = 'answer';
    await runtime.advance(2000);
    for (const name of names) expect(await node.server.holderOf(name)).toBeNull();
  });

  test('is not repeated any more when what it would delete has expired', async () => {
    const node = new TestNode('a');
    const { redlock, runtime } = redlockOver([node]);
    const lock = await redlock.acquire('r', 10_000);
    node.mode = BUSY;
    await lock.release();
    await runtime.advance(12_500);
    const sent = node.commands.length;
    await runtime.advance(60_000);
    expect(node.commands).toHaveLength(sent);
    expect(runtime.pending).toEqual([]);
  });

  test('leaves a timer that keeps no process alive', async () => {
    const node = new TestNode('a');
    const { redlock, runtime } = redlockOver([node]);
    const lock = await redlock.acquire('r', 10_000);
    node.mode = BUSY;
    await lock.release();
    await runtime.advance(20);
    expect(runtime.pending).toHaveLength(1);
    expect(runtime.holding).toEqual([]);
  });
});
