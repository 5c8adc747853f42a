import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  enqueue,
  entryOf,
  EXPIRY,
  listen,
  memberOf,
  queueKey,
  queueOf,
  RESERVATION,
} from './support/queue-words.js';
import { redisOfFile } from './support/redis-server.js';
import { LocalServer } from './support/server.js';
import {
  denied,
  failed,
  FOREVER,
  granted,
  LONG,
  type Request,
  Subject,
  TTL,
} from './support/subject.js';

// The queues of today's protocol: which processes are entered, notified and given a reservation. The memory server does
// the same in every other situation (memory-twin.test.ts), and the tests of the core say what waiters make of it.

const STAND_BY = `stand by ${RESERVATION}`;
const SHARED = { mode: 'shared' } as const;
const permit = (index: number): string => `{s}:permit:${index}`;

const redis = redisOfFile();
const memory = new LocalServer();

describe.each([
  { where: 'a real server, alone', subject: () => new Subject(redis(), { way: 'alone' }) },
  { where: 'a real server, in a batch', subject: () => new Subject(redis(), { way: 'batched' }) },
  { where: 'the memory server', subject: () => new Subject(memory, { way: 'alone' }) },
])('on $where:', ({ subject }) => {
  let on: Subject;

  beforeEach(async () => {
    on = subject();
    await on.server.clear();
  });

  /** Acquires keys for the process `me`, which waits. */
  const wait = async (keys: string, ticket: number, rest: Partial<Request> = {}) => {
    const queue = keys.split(' ').map((key) => entryOf(key, 'me', ticket, rest.mode));
    return on.acquire(keys, { token: 'mine', queue, ...rest });
  };
  const values = async (...keys: readonly string[]) =>
    Promise.all(keys.map((key) => on.server.get(key)));
  const queues = async (...keys: readonly string[]) =>
    Promise.all(keys.map((key) => queueOf(on, key)));

  test('a release notifies the first waiter, reserves the key for it, and the second stands by', async () => {
    await enqueue(on, 'a', 'first', 'second', 'third');
    const heard = await listen(on, 'a', 'first', 'second', 'third');
    await on.acquire('a');
    expect(await on.inspect('a')).toMatchObject({ waiting: 3 });
    const [released] = await on.read({ verb: 'release', keys: 'a' });
    expect(released).toEqual({ vote: 'granted', detail: 3 });
    expect(await on.release('a')).toBe('absent');
    expect(await heard()).toEqual(['first called', `second ${STAND_BY}`]);
    expect(await on.state('a')).toEqual([{ 'reserved:first': RESERVATION }]);
    expect(await queues('a')).toEqual(['second third']);
  });

  test('a release drops waiters that do not listen, and leaves the key free if none does', async () => {
    await enqueue(on, 'a', 'dead', 'dead-too', 'alive', 'next');
    await enqueue(on, 'b', 'dead');
    const heard = await listen(on, 'a', 'alive', 'next');
    await on.acquire('a b');
    await on.release('a b');
    expect(await heard()).toEqual(['alive called', `next ${STAND_BY}`]);
    expect(await queues('a')).toEqual(['next']);
    expect(await on.existing('b')).toEqual([]);
  });

  test.each([
    { value: null, messages: ['first called'] },
    { value: 'another', messages: [] },
    { value: 'reserved:another', messages: [] },
  ])('a release that finds the value $value publishes $messages', async ({ value, messages }) => {
    await enqueue(on, 'a', 'first');
    const heard = await listen(on, 'a', 'first');
    if (value !== null) await on.server.set('a', value, TTL);
    expect(await on.release('a')).toBe('absent');
    expect(await heard()).toEqual(messages);
    expect(await values('a')).toEqual([value ?? 'reserved:first']);
  });

  test.each([
    ['leaves', `-${memberOf('a', '1')}`, '3', ['2 called', `3 ${STAND_BY}`]],
    ['enters', `+${entryOf('a', 'me', 9)}`, '2 3 me', ['1 called', `2 ${STAND_BY}`]],
    ['quietly enters', `=${entryOf('a', 'me', 9)}`, '1 2 3 me', []],
    ['does not touch', '=', '1 2 3', []],
  ])('a release %s the queue of its key', async (_, entry, queue, messages) => {
    await enqueue(on, 'a', '1', '2', '3');
    const heard = await listen(on, 'a', '1', '2', '3');
    await on.acquire('a');
    expect(await on.release('a', { queue: [entry] })).toBe('released');
    expect(await heard()).toEqual(messages);
    expect(await queues('a')).toEqual([queue]);
  });

  test('a process that leaves a queue passes its reservation on', async () => {
    const leave = { token: 'of nobody', queue: [`-${memberOf('a', 'me')}`] };
    await on.server.set('a', 'another', TTL);
    await enqueue(on, 'a', 'me', 'next');
    const heard = await listen(on, 'a', 'next');
    expect(await on.release('a', leave)).toBe('absent');
    expect([await values('a'), await queues('a')]).toEqual([['another'], ['next']]);
    await on.server.set('a', 'reserved:me', TTL);
    expect(await on.release('a', leave)).toBe('absent');
    expect(await heard()).toEqual(['next called']);
    expect(await values('a')).toEqual(['reserved:next']);
  });

  test('a release notifies no waiter if the key is not free after its command', async () => {
    await enqueue(on, 'a', 'first');
    const heard = await listen(on, 'a', 'first');
    await on.acquire('a');
    const two = { verb: 'acquire', keys: 'a', token: 'two' } as const;
    await on.askAll({ verb: 'release', keys: 'a' }, two);
    await on.release('a', { token: 'two', successor: 'three' });
    await on.release('a', { token: 'three', successor: 'four', keepFor: TTL });
    expect(await heard()).toEqual([]);
    await on.acquire('b');
    await on.askAll({ verb: 'release', keys: 'a', token: 'four' }, { ...two, keys: 'a b' });
    expect(await heard()).toEqual(['first called']);
  });

  test.each(['with:colons', '{tag}', 'a%db', 'ünï\ncode', '7:8'])(
    'a release notifies the waiter for the key %j',
    async (key) => {
      const heard = await listen(on, key, 'me');
      await on.acquire(key);
      await wait(key, 5);
      expect(await on.release(key)).toBe('released');
      expect(await heard()).toEqual(['me called']);
      expect(await wait(key, 5)).toEqual(granted());
    },
  );

  test('a waiter that is denied is entered once, with its latest ticket', async () => {
    await on.acquire('a');
    await enqueue(on, 'a', 'first', 'second');
    for (const ticket of [7, 7, 1_700_000_000_000_001]) {
      expect(await wait('a', ticket)).toEqual(denied({ a: ['one', TTL, { ticket, rank: 2 }] }));
      expect(await queues('a')).toEqual(['first second me']);
    }
    await wait('b', 1, { keys: 'a' });
    const remaining = await on.server.remaining(queueKey('a'));
    expect(remaining).toBeGreaterThan(EXPIRY - TTL / 10);
    expect(remaining).toBeLessThanOrEqual(EXPIRY);
  });

  test('a reservation lets its own process in, and nobody else', async () => {
    await on.server.set('a', 'reserved:me', LONG);
    await on.server.set('b', 'reserved:other', LONG);
    expect(await wait('a b', 5)).toMatchObject({ denied: { b: ['reserved:other', LONG, {}] } });
    expect(await on.acquire('b')).toEqual(denied({ b: ['reserved:other', LONG] }));
    expect(await on.state('a')).toEqual([{ 'reserved:me': LONG }]);
    await enqueue(on, 'a', 'me', 'other');
    expect(await wait('a', 5)).toEqual(granted());
    expect(await on.state('a')).toEqual([{ mine: TTL }]);
    expect(await queues('a')).toEqual(['other']);
  });

  test('an exclusive waiter that is ahead and listens keeps new shared holders out', async () => {
    await on.acquire('a', SHARED);
    for (const key of ['a', 'b', 'c']) await enqueue(on, key, 'writer');
    for (const key of ['a', 'b']) await listen(on, key, 'writer');
    const two = { ...SHARED, token: 'two' };
    const by = 'shared by one';
    expect(await on.acquire('c', two)).toEqual(granted());
    expect(await wait('a', 7, SHARED)).toEqual(denied({ a: [by, TTL, { ticket: 7, rank: 1 }] }));
    expect(await queues('a')).toEqual(['writer s:me']);
    expect(await on.acquire('a', two)).toEqual(denied({ a: [by, TTL] }));
    expect(await on.acquire('b', two)).toMatchObject({ denied: { b: ['awaited', FOREVER] } });
    await on.server.delete(queueKey('b'));
    await enqueue(on, 'b', 'nobody', 'writer');
    expect(await wait('b', 1, SHARED)).toEqual(granted());
  });

  test('a release notifies all shared waiters up to the first exclusive one', async () => {
    const heard = await listen(on, 'a', 'r1', 'r2', 'w', 'r3', 'me');
    await on.acquire('a');
    await enqueue(on, 'a', 's:me', 's:dead', 's:r2', 'w', 's:r3');
    await on.release('a');
    expect(await heard()).toEqual(['me called', 'r2 called', `w ${STAND_BY}`]);
    expect(await on.shared('a')).toEqual(['reserved:me reserved:r2', RESERVATION]);
    expect(await queues('a')).toEqual(['w s:r3']);
    expect(await wait('a', 1, SHARED)).toEqual(granted());
    expect(await on.shared('a')).toEqual(['mine reserved:r2', TTL]);
  });

  test('the permits of a semaphore have one queue, which a waiter enters if none is free', async () => {
    const acquire = async (index: number) => wait(permit(index), 7, { permits: 3 });
    await on.server.set(permit(0), 'zero', TTL);
    await on.server.set(permit(2), 'two', TTL);
    await enqueue(on, permit(0), 'other');
    expect(await acquire(0)).toEqual(denied({ [permit(0)]: ['zero', TTL, '010'] }));
    await on.server.set(permit(1), 'reserved:other', TTL);
    for (const index of [0, 1, 2]) {
      expect(await acquire(index)).toMatchObject({
        denied: { [permit(index)]: [expect.anything(), TTL, { ticket: 7, rank: 1 }, '020'] },
      });
    }
    expect(await queues(permit(0))).toEqual(['other me']);
    // A process that was notified takes a permit that is reserved for another, and none that is held.
    const notified = { queue: [`*${entryOf(permit(0), 'me', 7)}`] };
    expect(await wait(permit(2), 7, { permits: 3, ...notified })).toHaveProperty('denied');
    expect(await wait(permit(1), 7, { permits: 3, ...notified })).toEqual(granted());
    expect(await queues(permit(0))).toEqual(['other']);
  });

  test('a release of permits notifies one waiter for each, with the number of the permit', async () => {
    for (const index of [0, 1, 2]) await on.server.set(permit(index), 'one', TTL);
    await enqueue(on, permit(0), 'first', 'second');
    const heard = await listen(on, permit(0), 'first', 'second');
    const release = { verb: 'release', permits: 3 } as const;
    await on.askAll({ ...release, keys: permit(0) }, { ...release, keys: permit(2) });
    expect(await heard()).toEqual(['first called 0', `second ${STAND_BY}`, 'second called 2']);
    expect(await values(permit(0), permit(1), permit(2))).toEqual([
      'reserved:first',
      'one',
      'reserved:second',
    ]);
  });
});

test('a user without rights to channels releases, notifies no waiter, and leaves the queue', async () => {
  const server = redis();
  const on = new Subject(server, { way: 'alone' });
  await server.clear();
  const mute = new Subject(await server.asUser('~*', '+@all', 'resetchannels'), on.options);
  await enqueue(on, 'a', 'first');
  const heard = await listen(on, 'a', 'first');
  await on.acquire('a');
  expect(await mute.release('a')).toBe('released');
  expect(await heard()).toEqual([]);
  expect(await queueOf(on, 'a')).toBe('first');
  expect(await on.existing('a')).toEqual(['{a}:waiting']);
});

test('a queue whose key has another type, or that does not fit, prevents no command', async () => {
  const server = redis();
  const on = new Subject(server, { way: 'alone' });
  await server.clear();
  await server.client.set('{a}:waiting', 'no queue');
  await on.acquire('a b');
  const queue = [entryOf('a', 'me', 5)];
  expect(await on.acquire('a', { token: 'two', queue })).toEqual(denied({ a: ['one', TTL] }));
  expect(await on.inspect('a')).toMatchObject({ waiting: 0 });
  expect(await on.release('a', { queue: [`+${queue[0]}`] })).toBe('released');
  expect(await on.acquire('a', { queue })).toEqual(granted());
  expect(await on.release('a', { queue: [`-${memberOf('a', 'me')}`] })).toBe('released');
  await server.whileFull(async () => {
    const entries = [entryOf('b', 'me', 5)];
    expect(await on.acquire('b', { token: 'two', queue: entries })).toEqual(failed('OOM'));
  });
  expect(await on.existing('b')).toEqual(['b']);
});
