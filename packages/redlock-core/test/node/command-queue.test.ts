import { expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import type { Lock, Redlock } from 'redlock-core';
import { outcomeOf } from '../support/outcome.js';
import { settle } from '../support/settle.js';
import type { TestNode } from '../support/test-node.js';
import { TTL, world, type ProcessOptions } from '../support/world.js';

/** One node, with one command in flight, so that everything else waits for the sockets to be read. */
async function busyNode(options: ProcessOptions = {}) {
  const one = world(1, options);
  one.a.mode = 'hold';
  const first = one.redlock.acquire('first', TTL);
  await settle();
  return { ...one, first };
}

/** What a node was given since the first command: what each later command asks for. */
function laterCommands({ commands }: TestNode): string[][] {
  return commands
    .slice(1)
    .map(({ operations }) => operations.map(({ verb, keys }) => `${verb} ${keys.join()}`));
}

/** How many operations were in each of a node's commands since the first. */
function laterSizes(node: TestNode): number[] {
  return laterCommands(node).map(({ length }) => length);
}

/** Promises may run, the event loop may not turn. */
async function thisTick(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise<void>((done) => process.nextTick(done));
}

function names(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`);
}

function acquireAll(redlock: Redlock, resources: readonly string[]): Promise<Lock[]> {
  return Promise.all(resources.map((resource) => redlock.acquire(resource, TTL)));
}

test('the first command goes at once; operations behind it share one command', async () => {
  const { redlock, a } = world(1);
  a.mode = 'hold';
  const first = redlock.acquire('first', TTL);
  await thisTick();
  const acquired = [first, acquireAll(redlock, ['second', 'third'])];
  await thisTick();
  acquired.push(redlock.acquire('fourth', TTL));
  await thisTick();
  expect(a.commandCount).toBe(1);
  // The second command does not wait for a reply to the first.
  await settle();
  expect(laterCommands(a)).toEqual([['acquire second', 'acquire third', 'acquire fourth']]);
  expect(a.unanswered).toHaveLength(2);
  a.answer();
  await Promise.all(acquired);
});

test('a command has at most 128 keys, or one larger lock, in the order of the calls', async () => {
  const { redlock, a } = await busyNode();
  const wanted = [...names('r', 300), names('large', 129), 'last'];
  const acquired = Promise.all(wanted.map((resources) => redlock.acquire(resources, TTL)));
  await settle();
  expect(laterSizes(a)).toEqual([128, 128, 44, 1, 1]);
  expect(a.operations.slice(1).flatMap(({ keys }) => keys)).toEqual(wanted.flat());
  a.answer();
  await acquired;
});

test('a command to a Cluster has one operation, because keys need not share a slot', async () => {
  const { redlock, a } = await busyNode({ node: { cluster: true } });
  const acquired = acquireAll(redlock, names('r', 3));
  await settle();
  expect(laterSizes(a)).toEqual([1, 1, 1]);
  a.answer();
  await acquired;
});

test('extensions fill at most every second command while other operations wait', async () => {
  const { redlock, a } = world(1);
  const held = await acquireAll(redlock, names('held', 200));
  a.commands.length = 0;
  a.mode = 'hold';
  void redlock.acquire('first', TTL);
  await settle();
  const extended = Promise.all(held.map((lock) => lock.extend()));
  const acquired = acquireAll(redlock, names('r', 300));
  await settle();
  const verbs = a.commands.slice(1).map(({ operations }) => operations[0]?.verb);
  expect(verbs).toEqual(['acquire', 'extend', 'acquire', 'extend', 'acquire']);
  expect(laterSizes(a)).toEqual([128, 128, 128, 72, 44]);
  a.answer();
  await Promise.all([extended, acquired]);
});

test('extensions that share a command have a ttl each', async () => {
  const { redlock, expiries } = world();
  const [one, other] = await acquireAll(redlock, ['one', 'other']);
  await Promise.all([one?.extend(2 * TTL), other?.extend(3 * TTL)]);
  await settle();
  expect(await expiries('one')).toEqual([2 * TTL, 2 * TTL, 2 * TTL]);
  expect(await expiries('other')).toEqual([3 * TTL, 3 * TTL, 3 * TTL]);
});

test('a lock that was released can be had by the next call, although an extension was called before', async () => {
  const { redlock } = world();
  const [other, lock] = await acquireAll(redlock, ['other', 'r']);
  const extended = other?.extend();
  const released = lock?.release();
  expect(await redlock.tryAcquire('r', TTL)).toMatchObject({ resources: ['r'] });
  await Promise.all([extended, released]);
});

test('an operation that the server answers with an error fails alone, and is released', async () => {
  const { redlock, a, first } = await busyNode();
  const bad = rejectionOf(redlock.tryAcquire('bad', TTL));
  const good = redlock.tryAcquire('good', TTL);
  await settle();
  a.commands[1]?.replyWith(['WRONGTYPE Operation against a key', 17]);
  expect(await bad).toMatchObject({
    code: 'QUORUM_UNAVAILABLE',
    votes: [{ result: 'failed', error: { code: 'WRONGTYPE' } }],
  });
  expect((await good)?.fencingToken).toBe(17);
  await settle();
  expect(a.given('release').flatMap(({ keys }) => keys)).toEqual(['bad']);
  a.answer();
  await first;
});

test.each([
  ['no list', 'OK'],
  ['a list that is too short', [17]],
  ['a list that is too long', [17, 17, 17]],
  ['null', null],
])('errors: a reply that is %s fails all operations', async (_, reply) => {
  const { redlock, a, first } = await busyNode();
  const tried = ['r', 's'].map((name) => rejectionOf(redlock.tryAcquire(name, TTL)));
  await settle();
  a.commands[1]?.replyWith(reply);
  for (const error of await Promise.all(tried)) {
    expect(error).toMatchObject({ votes: [{ error: { code: 'UNEXPECTED_REPLY' } }] });
  }
  a.answer();
  await first;
});

test('a release that cannot be sent fails at once, although an acquire beside it waits for the connection', async () => {
  const { redlock, time, b, c } = world();
  const lock = await redlock.acquire('r', TTL);
  await settle();
  for (const node of [b, c]) node.disconnect();
  const released = outcomeOf(lock.release());
  const tried = outcomeOf(redlock.tryAcquire('other', TTL));
  await time.advance(1);
  expect(released.value).toBe(false);
  expect(tried.error).toBeUndefined();
  await time.advance(TTL);
  expect(tried.error).toMatchObject({ code: 'QUORUM_UNAVAILABLE' });
});

test('each operation times out at its own deadline, with one timer for all', async () => {
  const { redlock, time, a, holders } = world(1);
  a.mode = 'hold';
  const start = time.now();
  const failures: string[] = [];
  const tried = [10_000, 2000].map(async (ttl) => {
    const error = await rejectionOf(redlock.tryAcquire(`r${ttl}`, ttl));
    expect(error).toMatchObject({ votes: [{ error: { code: 'TIMEOUT' }, duration: ttl / 20 }] });
    failures.push(`r${ttl} after ${time.now() - start}`);
  });
  const late = redlock.tryAcquire('late', 12_000);
  await time.advance(5);
  expect(a.operations).toHaveLength(3);
  expect(time.pending).toHaveLength(1);
  await time.advance(500);
  expect(failures).toEqual(['r2000 after 100', 'r10000 after 500']);
  // A grant that arrives too late is released.
  a.answer();
  expect((await late)?.resources).toEqual(['late']);
  await Promise.all(tried);
  await settle();
  expect([await holders('r10000'), await holders('r2000')]).toEqual([[null], [null]]);
});
