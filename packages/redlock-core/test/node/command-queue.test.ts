import { describe, expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import type { Lock } from 'redlock-core';
import { settle } from '../support/settle.js';
import { TestNode } from '../support/test-node.js';
import { redlockOver, threeNodes } from '../support/three-nodes.js';

const DOWN = new Error('connect ECONNREFUSED 127.0.0.1:6379');

function oneNode(node = new TestNode('a')) {
  return { ...redlockOver([node]), node };
}

/** One node with a command in flight, so that everything else waits for the tick to end. */
async function busyNode(node?: TestNode) {
  const one = oneNode(node);
  one.node.mode = 'hold';
  const first = one.redlock.acquire('first', 10_000);
  await settle();
  return { ...one, first };
}

/** What a node was given, command by command. */
function commandsOf({ commands }: TestNode): string[][] {
  return commands.map(({ operations }) =>
    operations.map(({ kind, keys }) => `${kind} ${keys.join()}`),
  );
}

/** Promises may run, the event loop may not turn. */
async function thisTick(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise<void>((done) => process.nextTick(done));
}

function names(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`);
}

/** Every node has been shown grant and release, and `c` has forgotten them. */
async function forgotten() {
  const three = threeNodes();
  await (await three.redlock.acquire('warm', 10_000)).release();
  await settle();
  three.c.server.flushScripts();
  for (const { commands } of three.nodes) commands.length = 0;
  return three;
}

describe('an operation goes out', () => {
  test('at once while at most one command is in flight, and else with all others once the sockets are read', async () => {
    const { redlock, node } = oneNode();
    node.mode = 'hold';
    const acquired: Promise<Lock>[] = [];
    const acquire = async (...resources: string[]): Promise<void> => {
      acquired.push(...resources.map((resource) => redlock.acquire(resource, 10_000)));
      await thisTick();
    };
    await acquire('first');
    await acquire('second', 'third');
    expect(commandsOf(node)).toEqual([['grant first'], ['grant second', 'grant third']]);
    await acquire('fourth');
    await acquire('fifth');
    expect(node.commands).toHaveLength(2);
    await settle();
    expect(commandsOf(node).slice(2)).toEqual([['grant fourth', 'grant fifth']]);
    node.answer();
    expect(await Promise.all(acquired)).toHaveLength(5);
  });

  test('without waiting for what is in flight to be answered', async () => {
    const { redlock, node } = await busyNode();
    const acquired = names('r', 3).map((resource) => redlock.acquire(resource, 10_000));
    await settle();
    expect(node.unanswered).toHaveLength(2);
    node.answer();
    await Promise.all(acquired);
  });

  test('together with what is asked in the same breath, also when it is the first', async () => {
    const { redlock, nodes } = threeNodes();
    const locks = await Promise.all(names('r', 10).map((name) => redlock.acquire(name, 10_000)));
    await Promise.all(locks.map((lock) => lock.extend()));
    await Promise.all(locks.map((lock) => lock.release()));
    await settle();
    for (const { commands } of nodes) {
      expect(commands.map(({ operations }) => operations.length)).toEqual([10, 10, 10]);
    }
  });
});

describe('a command is bounded', () => {
  test('at 128 keys, in the order of the calls', async () => {
    const { redlock, node } = await busyNode();
    const wanted = names('r', 300);
    const acquired = Promise.all(wanted.map((name) => redlock.acquire(name, 10_000)));
    await settle();
    const batches = node.commands.slice(1).map(({ operations }) => operations.length);
    expect(batches).toEqual([128, 128, 44]);
    expect(node.operations.slice(1).flatMap(({ keys }) => keys)).toEqual(wanted);
    node.answer();
    await acquired;
  });

  test('counting every key, but that a lock that has more goes in one', async () => {
    const { redlock, node } = await busyNode();
    const acquired = Promise.all(
      [100, 28, 1, 1000, 1].map((count, lock) => redlock.acquire(names(`${lock}-`, count), 10_000)),
    );
    await settle();
    const batches = node.commands
      .slice(1)
      .map(({ operations }) => operations.map(({ keys }) => keys.length));
    expect(batches).toEqual([[100, 28], [1], [1000], [1]]);
    node.answer();
    await acquired;
  });

  test('at one operation on a Cluster, whose keys need not share a slot', async () => {
    const { redlock, node } = await busyNode(new TestNode('a', { cluster: true }));
    const acquired = Promise.all(names('r', 3).map((name) => redlock.acquire(name, 10_000)));
    await settle();
    expect(commandsOf(node)).toEqual([['grant first'], ['grant r0'], ['grant r1'], ['grant r2']]);
    node.answer();
    await acquired;
  });
});

describe('extensions', () => {
  test('fill at most every second command while others wait', async () => {
    const { redlock, node } = oneNode();
    const held = await Promise.all(names('held', 200).map((name) => redlock.acquire(name, 10_000)));
    node.commands.length = 0;
    node.mode = 'hold';
    void redlock.acquire('first', 10_000);
    await settle();
    const extended = Promise.all(held.map((lock) => lock.extend()));
    const acquired = Promise.all(names('r', 300).map((name) => redlock.acquire(name, 10_000)));
    await settle();
    const batches = node.commands
      .slice(1)
      .map(({ operations }) => [operations[0]?.kind, operations.length]);
    expect(batches).toEqual([
      ['grant', 128],
      ['extend', 128],
      ['grant', 128],
      ['extend', 72],
      ['grant', 44],
    ]);
    node.answer();
    await Promise.all([extended, acquired]);
  });

  test('share a command with others where one is enough', async () => {
    const { redlock, node } = oneNode();
    const lock = await redlock.acquire('held', 10_000);
    node.mode = 'hold';
    void redlock.acquire('first', 10_000);
    await settle();
    const both = Promise.all([lock.extend(), redlock.acquire('r', 10_000)]);
    await settle();
    expect(commandsOf(node).at(-1)?.toSorted()).toEqual(['extend held', 'grant r']);
    node.answer();
    await both;
  });
});

test('a release and the next acquire of the same key share a command, in order', async () => {
  const { redlock, node } = oneNode();
  const lock = await redlock.acquire('r', 10_000);
  node.mode = 'hold';
  void redlock.acquire('first', 10_000);
  await settle();
  const released = lock.release();
  const next = redlock.tryAcquire('r', 10_000);
  await settle();
  expect(commandsOf(node).at(-1)).toEqual(['release r', 'grant r']);
  node.answer();
  expect(await released).toBe(true);
  expect(await node.server.holderOf('r')).toBe((await next)?.token);
});

test('what was given up before it was written is not, and owes no release', async () => {
  const { redlock, a, b, c } = threeNodes();
  c.mode = 'hold';
  await redlock.acquire('first', 10_000);
  await redlock.acquire('second', 10_000);
  for (const node of [a, b]) await node.server.steal('r', 'other');
  // The others deny in this very tick, while c has two commands in flight.
  expect(await redlock.tryAcquire('r', 10_000)).toBeNull();
  await settle();
  expect(commandsOf(c)).toEqual([['grant first'], ['grant second']]);
});

test('what was granted before it was written is written all the same', async () => {
  const { redlock, c } = threeNodes();
  c.mode = 'hold';
  await redlock.acquire('first', 10_000);
  const lock = await redlock.acquire('r', 10_000);
  c.answer();
  await settle();
  expect(await c.server.holderOf('r')).toBe(lock.token);
});

describe('of the operations in one command', () => {
  test('each has its own result', async () => {
    const { redlock, node, first } = await busyNode();
    await node.server.steal('taken', 'other');
    const trying = ['free', 'taken', 'free too'].map((name) => redlock.tryAcquire(name, 10_000));
    await settle();
    expect(node.commands).toHaveLength(2);
    node.answer();
    await first;
    const locks = await Promise.all(trying);
    expect(locks.map((lock) => lock?.resources)).toEqual([['free'], undefined, ['free too']]);
  });

  test('one fails alone when the server has an error for it, and is released', async () => {
    const { redlock, node, first } = await busyNode();
    const bad = rejectionOf(redlock.tryAcquire('bad', 10_000));
    const good = redlock.tryAcquire('good', 10_000);
    await settle();
    const [, batch] = node.commands;
    batch?.replyWith(['WRONGTYPE Operation against a key', 17]);
    expect(await bad).toMatchObject({
      code: 'QUORUM_UNAVAILABLE',
      votes: [{ vote: 'failed', error: { code: 'WRONGTYPE' } }],
    });
    expect((await good)?.fencingToken).toBe(17);
    await settle();
    expect(node.latest('release').keys).toEqual(['bad']);
    node.answer();
    await first;
  });

  test.each([1, '1', 1n])('all have the reply 1 when that is all there is (%p)', async (reply) => {
    const { redlock, node, first } = await busyNode();
    const tried = ['r', 's'].map((name) => redlock.tryAcquire(name, 10_000));
    await settle();
    node.commands[1]?.replyWith(reply);
    const locks = await Promise.all(tried);
    expect(locks.map((lock) => lock?.resources)).toEqual([['r'], ['s']]);
    node.answer();
    await first;
  });

  test.each([
    ['no list', 'OK'],
    ['too few', [17]],
    ['too many', [17, 17, 17]],
    ['null', null],
  ])('all fail when the reply is %s', async (_, reply) => {
    const { redlock, node, first } = await busyNode();
    const tried = ['r', 's'].map((name) => rejectionOf(redlock.tryAcquire(name, 10_000)));
    await settle();
    node.commands[1]?.replyWith(reply);
    for (const error of await Promise.all(tried)) {
      expect(error).toMatchObject({ votes: [{ error: { code: 'UNEXPECTED_REPLY' } }] });
    }
    node.answer();
    await first;
  });

  test('each fails at its own deadline, and one timer is enough for all', async () => {
    const { redlock, runtime, node } = oneNode();
    node.mode = 'hold';
    const failures: string[] = [];
    const timesOut = (name: string, ttl: number): Promise<unknown> =>
      rejectionOf(redlock.tryAcquire(name, ttl)).then((error) => {
        expect(error).toMatchObject({ votes: [{ error: { code: 'TIMEOUT' }, ms: ttl / 20 }] });
        failures.push(name);
      });
    const tried = [timesOut('slow', 10_000), timesOut('fast', 2000)];
    const late = redlock.tryAcquire('late', 12_000);
    await runtime.advance(5);
    expect(commandsOf(node)).toEqual([['grant slow', 'grant fast', 'grant late']]);
    expect(runtime.pending).toHaveLength(1);
    await runtime.advance(94);
    expect(failures).toEqual([]);
    await runtime.advance(1);
    expect(failures).toEqual(['fast']);
    await runtime.advance(399);
    expect(failures).toEqual(['fast']);
    await runtime.advance(1);
    expect(failures).toEqual(['fast', 'slow']);
    // What was granted too late is released.
    node.answer();
    expect((await late)?.resources).toEqual(['late']);
    await Promise.all(tried);
    await settle();
    expect(await node.server.holderOf('slow')).toBeNull();
    expect(await node.server.holderOf('fast')).toBeNull();
  });

  test("all fail with their node, there and nowhere else, and the node's next command is its own", async () => {
    const { redlock, nodes, a, c } = threeNodes();
    for (const node of nodes) node.mode = 'hold';
    const acquiring = ['r', 's'].map((name) => redlock.acquire(name, 10_000));
    await settle();
    c.mode = DOWN;
    c.disconnect();
    c.connected();
    a.answer();
    nodes[1]?.answer();
    const locks = await Promise.all(acquiring);
    expect(locks.map(({ resources }) => resources)).toEqual([['r'], ['s']]);
    c.mode = 'answer';
    await redlock.acquire('t', 10_000);
    await settle();
    expect(commandsOf(c)).toEqual([['grant r', 'grant s'], ['grant t']]);
    expect(await c.server.holderOf('t')).not.toBeNull();
  });

  test('a server that has forgotten the script is sent all again but what is not wanted any more', async () => {
    const { redlock, runtime, node } = oneNode();
    const before = [redlock.acquire('one', 10_000), redlock.acquire('two', 10_000)];
    await Promise.all(before.map(async (lock) => (await lock).release()));
    const held = await redlock.acquire('held', 10_000);
    node.server.flushScripts();
    node.commands.length = 0;
    node.mode = 'hold';
    const released = held.release();
    const [wanted, given] = [redlock.acquire('wanted', 10_000), redlock.tryAcquire('given', 1000)];
    const failed = rejectionOf(given);
    await settle();
    const sent = node.commands.length;
    await runtime.advance(50);
    expect(await failed).toMatchObject({ code: 'QUORUM_UNAVAILABLE' });
    node.answer();
    await Promise.all([released, wanted]);
    await settle();
    expect(node.commands.slice(0, sent).every(({ whole }) => !whole)).toBe(true);
    const again = node.commands
      .filter(({ whole }) => whole)
      .flatMap(({ operations }) => operations);
    expect(again.map(({ kind, keys }) => `${kind} ${keys.join()}`).toSorted()).toEqual([
      'grant wanted',
      'release given',
      'release held',
    ]);
    expect(await node.server.holderOf('held')).toBeNull();
    expect(await node.server.holderOf('given')).toBeNull();
    expect(await node.server.holderOf('wanted')).toBe((await wanted).token);
  });
});

test('commands to one node are written in the order of the calls', async () => {
  const { redlock, c } = threeNodes();
  c.mode = 'hold';
  await Promise.all(['one', 'two', 'three'].map((resource) => redlock.acquire(resource, 10_000)));
  expect(c.operations.flatMap(({ keys }) => keys)).toEqual(['one', 'two', 'three']);
});

describe('scripts', () => {
  test('are sent by digest once a connection has shown that its server knows them', async () => {
    const { redlock, c } = threeNodes();
    await redlock.acquire('one', 10_000);
    await settle();
    await redlock.acquire('two', 10_000);
    c.connected();
    await redlock.acquire('three', 10_000);
    expect(c.commands.map(({ whole }) => whole)).toEqual([true, false, true]);
  });

  test('that a server has forgotten are sent whole while the attempt is undecided', async () => {
    const { redlock, a, b, c } = await forgotten();
    a.mode = 'hold';
    b.mode = new Error('read ECONNRESET');
    const acquiring = redlock.acquire('r', 10_000);
    await settle();
    a.answer();
    const lock = await acquiring;
    expect(c.operations.map(({ kind, command }) => [kind, command.whole])).toEqual([
      ['grant', false],
      ['grant', true],
    ]);
    expect(await c.server.holderOf('r')).toBe(lock.token);
  });

  test.each(['granted', 'denied'])(
    'are not sent again for a grant when the attempt is %s',
    async (decision) => {
      const { redlock, a, b, c } = await forgotten();
      c.mode = 'hold';
      if (decision === 'denied') {
        await a.server.steal('r', 'other');
        await b.server.steal('r', 'other');
      }
      const lock = await redlock.tryAcquire('r', 10_000);
      expect(lock === null).toBe(decision === 'denied');
      c.answer();
      await settle();
      expect(c.kinds.filter((kind) => kind === 'grant')).toHaveLength(1);
      expect(await c.server.holderOf('r')).toBeNull();
    },
  );

  test('are not sent again for an extension when the release has gone out', async () => {
    const { redlock, b, c } = threeNodes();
    const lock = await redlock.acquire('r', 10_000);
    await lock.extend();
    await settle();
    c.server.flushScripts();
    for (const node of [b, c]) node.mode = 'hold';
    const extended = rejectionOf(lock.extend());
    await settle();
    const releasing = lock.release();
    b.answer();
    c.answer();
    expect(await releasing).toBe(true);
    expect(await extended).toMatchObject({ cause: { code: 'RELEASED' } });
    await settle();
    expect(c.kinds.slice(-2)).toEqual(['extend', 'release']);
    expect(await c.server.holderOf('r')).toBeNull();
  });

  test('are always sent again for a release', async () => {
    const { redlock, c } = threeNodes();
    await (await redlock.acquire('before', 10_000)).release();
    const lock = await redlock.acquire('r', 10_000);
    await settle();
    c.server.flushScripts();
    expect(await lock.release()).toBe(true);
    await settle();
    expect(c.operations.slice(-2).map(({ kind, command }) => [kind, command.whole])).toEqual([
      ['release', false],
      ['release', true],
    ]);
    expect(await c.server.holderOf('r')).toBeNull();
  });
});
