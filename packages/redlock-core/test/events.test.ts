import { describe, expect, jest, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import type { Lock } from 'redlock-core';
import type { Command, Kind } from './support/command.js';
import { settle } from './support/settle.js';
import { threeNodes } from './support/three-nodes.js';

const DOWN = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

const READONLY = new Error("READONLY You can't write against a read only replica.");
const OOM = new Error("OOM command not allowed when used memory > 'maxmemory'.");
/** As Redis 7.2 says it, and Redis 7.0, of a command inside a script. */
const NOPERM = [
  'NOPERM ACL failure in script: this user has no permissions to run a command',
  "ERR The user executing the script can't run this command or subcommand script: 258, on @user_script:112.",
];

/** A server that refuses operations of these kinds and does all others. */
function refusing(error: Error, ...kinds: readonly Kind[]): (command: Command) => void {
  return (command) => {
    if (kinds.some((kind) => command.has(kind))) command.fail(error);
    else command.reply();
  };
}

/** Three nodes, a lock that only `a` and `b` have, and what has been told about nodes since. */
async function withLockOnTwo() {
  const three = threeNodes();
  const { redlock, seen, c } = three;
  c.mode = refusing(READONLY, 'grant', 'heal');
  const lock = await redlock.acquire('held', 10_000);
  await settle();
  const told = () => seen.filter(([event]) => event.startsWith('node'));
  const cycle = async (): Promise<void> => {
    for (const resource of ['one', 'two', 'three']) {
      const { runtime } = three;
      await redlock.inspect(resource);
      const other = await redlock.acquire(resource, 10_000);
      await other.extend();
      await lock.extend();
      await other.release();
      // Releases that are owed are tried again.
      await runtime.advance(2000);
    }
  };
  return { ...three, lock, told, cycle };
}

const failed = (error: Error, code: string) => [
  'nodeFailed',
  { node: 'c', error: { name: 'Error', code, message: error.message } },
];
const recovered = ['nodeRecovered', { node: 'c' }];

test('the life of a lock: acquired, extended, released', async () => {
  const { redlock, seen } = threeNodes();
  const lock = await redlock.acquire('r', 10_000);
  await lock.extend();
  await lock.release();
  expect(seen).toEqual([
    ['acquired', { lock, waited: 0, attempts: 1 }],
    ['extended', { lock }],
    ['released', { lock, confirmed: true }],
  ]);
});

test('contended: at each denied attempt, with its resources and votes', async () => {
  const { redlock, seen, a, b, runtime } = threeNodes();
  await a.server.steal('r', 'other');
  await b.server.steal('r', 'other');
  const rejected = redlock.acquire(['r', 's'], 10_000, { wait: 300 }).catch(() => null);
  await runtime.advance(300);
  await rejected;
  const denied = { node: 'a', vote: 'denied', ms: 0 };
  const contended = [
    'contended',
    { resources: ['r', 's'], votes: [denied, { ...denied, node: 'b' }], owners: [] },
  ];
  expect(seen).toEqual([contended, contended]);
});

test('not contended: an attempt that failed because nodes are away', async () => {
  const { redlock, names, nodes } = threeNodes();
  for (const node of nodes) node.mode = DOWN;
  await redlock.tryAcquire('r', 10_000).catch(() => null);
  expect(names()).not.toContain('contended');
});

describe('nodeFailed and nodeRecovered', () => {
  test('come once for each time that a node is away, however often it is asked', async () => {
    const { redlock, seen, c } = threeNodes();
    const cycle = async (): Promise<void> => {
      for (const resource of ['one', 'two', 'three']) {
        await (await redlock.acquire(resource, 10_000)).release();
        await settle();
      }
    };
    const ofNodes = () => seen.filter(([event]) => event.startsWith('node'));
    await cycle();
    expect(ofNodes()).toEqual([]);
    c.mode = DOWN;
    await cycle();
    const error = { name: 'Error', code: 'ECONNREFUSED', message: 'connect ECONNREFUSED' };
    expect(ofNodes()).toEqual([['nodeFailed', { node: 'c', error }]]);
    c.mode = 'answer';
    await cycle();
    expect(ofNodes().slice(1)).toEqual([['nodeRecovered', { node: 'c' }]]);
    c.mode = DOWN;
    await cycle();
    expect(ofNodes()).toHaveLength(3);
  });

  test('come for a node that stays silent, or never was connected, after the lock was granted', async () => {
    const { redlock, names, seen, b, c, runtime } = threeNodes();
    c.mode = 'hold';
    await redlock.acquire('r', 10_000);
    await runtime.advance(500);
    expect(seen.at(-1)).toMatchObject(['nodeFailed', { node: 'c', error: { code: 'TIMEOUT' } }]);
    c.answer();
    await settle();
    b.ready = false;
    await redlock.acquire('s', 10_000);
    await runtime.advance(2000);
    expect(seen.at(-1)).toMatchObject(['nodeFailed', { node: 'b', error: { code: 'NOT_READY' } }]);
    expect(names().filter((name) => name === 'nodeRecovered')).toHaveLength(1);
  });

  test('come once each for a node that refuses writes, whatever else it answers meanwhile', async () => {
    const { c, told, cycle } = await withLockOnTwo();
    await cycle();
    expect(c.kinds).toEqual(expect.arrayContaining(['release', 'extend', 'heal', 'inspect']));
    expect(told()).toEqual([failed(READONLY, 'READONLY')]);
    c.mode = 'answer';
    await cycle();
    expect(told().slice(1)).toEqual([recovered]);
  });

  test('come once each for a node whose memory is full, which still extends', async () => {
    const { redlock, lock, c, told, cycle } = await withLockOnTwo();
    c.mode = 'answer';
    await lock.extend();
    await settle();
    await redlock.acquire('recovers', 10_000);
    const before = told().length;
    c.mode = refusing(OOM, 'grant', 'heal');
    await cycle();
    expect(c.latest('extend').keys).toEqual(['held']);
    expect(told().slice(before)).toEqual([failed(OOM, 'OOM')]);
    c.mode = 'answer';
    await lock.extend();
    expect(told().slice(before + 1)).toEqual([]);
    await cycle();
    expect(told().slice(before + 1)).toEqual([recovered]);
  });

  test.each(NOPERM)('come once each for a user who may not extend locks: %s', async (message) => {
    const { c, told, cycle } = await withLockOnTwo();
    c.mode = 'answer';
    await cycle();
    const before = told().length;
    c.mode = refusing(new Error(message), 'extend');
    await cycle();
    expect(told().slice(before)).toEqual([failed(new Error(message), 'NOPERM')]);
    c.mode = 'answer';
    await cycle();
    expect(told().slice(before + 1)).toEqual([recovered]);
  });

  test('a node that comes back read-only and without its data has not recovered', async () => {
    const { lock, c, told, cycle } = await withLockOnTwo();
    c.mode = 'answer';
    await cycle();
    const before = told().length;
    c.mode = DOWN;
    await lock.extend();
    await settle();
    await c.server.steal('held');
    c.mode = refusing(READONLY, 'heal');
    await lock.extend();
    await settle();
    expect(told().slice(before)).toEqual([failed(DOWN, 'ECONNREFUSED')]);
  });

  test('do not come for a user who may not release: the node makes and keeps locks', async () => {
    const { c, told, cycle } = await withLockOnTwo();
    c.mode = 'answer';
    await cycle();
    const before = told().length;
    c.mode = refusing(new Error(NOPERM[0]), 'release');
    await cycle();
    expect(told().slice(before)).toEqual([]);
  });

  test.each(['extend', 'heal'] as const)(
    'a node that has failed recovers with %s, where nobody takes a lock',
    async (kind) => {
      const { redlock, lock, c, told } = await withLockOnTwo();
      if (kind === 'extend') {
        c.mode = 'answer';
        await lock.extend();
        await redlock.acquire('recovers', 10_000);
        c.mode = refusing(READONLY, 'extend');
        await lock.extend();
        await settle();
      }
      const before = told().length;
      expect(told().at(-1)).toEqual(failed(READONLY, 'READONLY'));
      c.mode = 'answer';
      await lock.extend();
      await settle();
      expect(told().slice(before)).toEqual([recovered]);
    },
  );

  test('a node that denies a grant has recovered: others hold the lock there', async () => {
    const { redlock, seen, a, b, c } = threeNodes();
    for (const { server } of [a, b, c]) await server.steal('r', 'other');
    c.mode = refusing(READONLY, 'grant');
    await redlock.acquire('other', 10_000);
    c.mode = 'answer';
    expect(await redlock.tryAcquire('r', 10_000)).toBeNull();
    await settle();
    expect(seen.filter(([event]) => event.startsWith('node')).slice(1)).toEqual([recovered]);
  });
});

describe('listeners', () => {
  test.each([
    [
      'throws',
      (): unknown => {
        throw new Error('listener');
      },
    ],
    ['rejects', (): unknown => Promise.reject(new Error('listener'))],
  ])('one that %s disturbs neither the lock nor the others', async (_, fails) => {
    const { redlock, runtime, nodes } = threeNodes();
    const names = ['acquired', 'extended', 'released', 'lost', 'contended', 'nodeFailed'] as const;
    const heard = new Set<string>();
    for (const name of names) redlock.on(name, fails).on(name, () => heard.add(name));
    const lock = await redlock.acquire('r', 10_000);
    expect(await redlock.tryAcquire('r', 10_000)).toBeNull();
    await lock.extend();
    expect(await lock.release()).toBe(true);
    const { signal } = await redlock.acquire('r', 10_000);
    for (const node of nodes) node.mode = DOWN;
    await runtime.advance(10_000);
    expect(signal.aborted).toBe(true);
    expect([...heard].toSorted()).toEqual([...names].toSorted());
  });

  test('are called in order, as often as they were added, until they are taken off', async () => {
    const { redlock } = threeNodes();
    const calls: string[] = [];
    const first = (): void => void calls.push('first');
    const second = (): void => void calls.push('second');
    redlock.on('acquired', first).on('acquired', second).on('acquired', first);
    await redlock.acquire('one', 10_000);
    expect(calls.splice(0)).toEqual(['first', 'second', 'first']);
    redlock.off('acquired', first).off('extended', second);
    await redlock.acquire('two', 10_000);
    expect(calls).toEqual(['first', 'second']);
  });

  test('may take themselves off, and off an event they never heard', async () => {
    const { redlock } = threeNodes();
    const once = jest.fn<(payload: object) => void>(() => {
      redlock.off('acquired', once).off('lost', once);
    });
    const other = jest.fn();
    redlock.on('acquired', once).on('acquired', other);
    for (const resource of ['one', 'two']) await redlock.acquire(resource, 10_000);
    expect(once).toHaveBeenCalledTimes(1);
    expect(other).toHaveBeenCalledTimes(2);
  });

  test('may release the lock they hear of', async () => {
    const { redlock, names } = threeNodes();
    redlock.on('acquired', ({ lock }: { lock: Lock }) => void lock.release());
    const lock = await redlock.acquire('r', 10_000);
    expect(lock.remaining()).toBe(0);
    await settle();
    expect(names()).toEqual(['acquired', 'released']);
  });
});

test('what a listener or a caller is given cannot be changed under the library', async () => {
  const { redlock, nodes } = threeNodes();
  for (const { server } of nodes) await server.steal('y', 'other');
  const refused: unknown[] = [];
  redlock.on('contended', ({ resources, votes }) => {
    for (const change of [
      () => (resources as string[]).shift(),
      () => (votes as unknown[]).pop(),
      () => Object.assign(votes[0] ?? {}, { vote: 'granted' }),
    ]) {
      try {
        change();
      } catch (error) {
        refused.push(error);
      }
    }
  });
  const error = await rejectionOf(redlock.acquire(['x', 'y'], 10_000, { wait: 0 }));
  expect(refused).toHaveLength(3);
  expect(error).toMatchObject({
    resources: ['x', 'y'],
    votes: [{ vote: 'denied' }, { vote: 'denied' }],
  });
  for (const { server } of nodes) await server.steal('y');
  const lock = await redlock.acquire(['x', 'y'], 10_000);
  expect(() => (lock.resources as string[]).shift()).toThrow(TypeError);
  expect(lock.resources).toEqual(['x', 'y']);
});
