import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { LockLostError, QuorumError, Redlock, type RedlockOptions } from 'redlock-core';
import { memoryNode } from 'redlock-core/memory';
import { Keyspace } from '../../src/memory/keyspace.js';

// What the server of a memory node does with commands is tested in test/wire.

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

/** A Redlock over three memory nodes, and what its events say about nodes. */
function three(options: RedlockOptions = {}) {
  const [a, b, c] = ['a', 'b', 'c'].map((name) => memoryNode({ name })) as [Node, Node, Node];
  const redlock = new Redlock([a, b, c], { wait: 0, ...options });
  const events: string[] = [];
  redlock.on('nodeFailed', ({ node, error }) => events.push(`${node} ${error.code}`));
  redlock.on('nodeRecovered', ({ node }) => events.push(`${node} recovered`));
  redlock.on('nodeQuarantined', ({ node, duration }) => events.push(`${node} for ${duration}`));
  return { a, b, c, redlock, events };
}

type Node = ReturnType<typeof memoryNode>;

/** The codes with which nodes failed. */
function codesOf(error: unknown): (string | undefined)[] {
  return QuorumError.is(error) ? error.votes.map((vote) => vote.error?.code) : [];
}

/** What INFO says about the server of a node. */
async function infoOf(node: Node) {
  const info = String(await node.call(['INFO', 'server']));
  const [, runId, uptime] = /run_id:(\S+)\r\n[^]*uptime_in_seconds:(\d+)\r\n/.exec(info) ?? [];
  return { runId, uptime: Number(uptime) };
}

test('INFO identifies a memory node, and another server after forget()', async () => {
  const [one, other] = [memoryNode({ name: 'one' }), memoryNode({ name: 'other' })];
  const before = await infoOf(one);
  expect(before.uptime).toBeGreaterThan(10 ** 8);
  expect((await infoOf(other)).runId).not.toBe(before.runId);
  one.forget();
  jest.advanceTimersByTime(3000);
  const after = await infoOf(one);
  expect(after.runId).not.toBe(before.runId);
  expect(after.uptime).toBeLessThanOrEqual(4);
});

test('commands that the core does not send are error replies', async () => {
  const node = memoryNode({ name: 'm' });
  await expect(node.call(['GET', 'a'])).rejects.toThrow(/^ERR /);
});

test('fail() makes a node unreachable, and recover() brings it back with its locks', async () => {
  const { a, b, redlock, events } = three();
  const kept = await redlock.acquire('kept', 60_000);
  a.fail();
  await (await redlock.acquire('r', 1000)).release();
  b.fail();
  const refused = await rejectionOf(redlock.tryAcquire('r', 1000));
  expect(codesOf(refused)).toEqual(['ECONNREFUSED', 'ECONNREFUSED']);
  a.recover();
  b.recover();
  expect(await redlock.tryAcquire('kept', 1000)).toBeNull();
  expect(await kept.release()).toBe(true);
  expect(events).toEqual(['a ECONNREFUSED', 'b ECONNREFUSED', 'a recovered', 'b recovered']);
  await redlock.close();
});

test('fail(error) makes a node answer with the error', async () => {
  const { a, b, redlock } = three();
  for (const node of [a, b]) node.fail(new Error('OOM command not allowed'));
  expect(codesOf(await rejectionOf(redlock.acquire('r', 1000)))).toEqual(['OOM', 'OOM']);
  for (const node of [a, b]) node.recover();
  expect(await (await redlock.acquire('r', 1000)).release()).toBe(true);
  await redlock.close();
});

test('fail() rejects the commands under way, and reports the loss to subscribers', async () => {
  const node = memoryNode({ name: 'm' });
  const messages: (string | undefined)[] = [];
  let losses = 0;
  const stop = node.subscribe?.(
    'channel',
    (message) => messages.push(message),
    () => losses++,
  );
  node.delay(Infinity);
  const cut = [node.call(['INFO']), node.call(['INFO'])].map(rejectionOf);
  await Promise.resolve();
  node.fail();
  for (const error of await Promise.all(cut)) expect(error).toMatchObject({ code: 'ECONNRESET' });
  expect(losses).toBe(1);
  node.recover();
  await Promise.resolve();
  // Without a message: the subscription was established, and established again.
  expect(messages).toEqual([undefined, undefined]);
  stop?.();
  node.forget();
  await Promise.resolve();
  expect(messages).toHaveLength(2);
});

test('forget() restarts a node without its data, so it is in quarantine', async () => {
  const { a, b, redlock, events } = three({ quarantineTime: 10_000 });
  const lock = await redlock.acquire('r', 10_000);
  a.forget();
  b.forget();
  const refused = await rejectionOf(redlock.acquire('r', 10_000));
  expect(codesOf(refused)).toEqual(['QUARANTINED', 'QUARANTINED']);
  expect(events).toEqual(['a for 10000', 'b for 10000']);
  jest.advanceTimersByTime(10_000);
  expect(lock.remaining()).toBe(0);
  expect(await (await redlock.acquire('r', 1000)).release()).toBe(true);
  await redlock.close();
});

test('clear() deletes all keys unnoticed, until the holder extends', async () => {
  const { a, b, c, redlock, events } = three();
  const lock = await redlock.acquire('r', 10_000);
  for (const node of [a, b, c]) node.clear();
  const other = await redlock.acquire('r', 10_000);
  expect(LockLostError.is(await rejectionOf(lock.extend()))).toBe(true);
  expect(await other.release()).toBe(true);
  expect(events).toEqual([]);
  await redlock.close();
});

test('delay() delays replies, for ever if it is Infinity', async () => {
  const { a, b, redlock } = three();
  for (const node of [a, b]) node.delay(20);
  const start = Date.now();
  const acquiring = redlock.acquire('r', 1000);
  await jest.advanceTimersByTimeAsync(20);
  const lock = await acquiring;
  expect(Date.now() - start).toBe(20);
  for (const node of [a, b]) node.delay(Infinity);
  const refused = rejectionOf(redlock.acquire('other', 1000));
  await jest.advanceTimersByTimeAsync(100);
  expect(codesOf(await refused)).toEqual(['TIMEOUT', 'TIMEOUT', undefined]);
  for (const node of [a, b]) node.delay(0);
  await jest.advanceTimersByTimeAsync(0);
  expect(await lock.release()).toBe(true);
  await redlock.close();
});

test('replies arrive in order, also when the delay is reduced', async () => {
  const node = memoryNode({ name: 'm' });
  const arrived: number[] = [];
  const ask = async (which: number) => node.call(['INFO']).then(() => arrived.push(which));
  node.delay(1000);
  const asked = [ask(1), ask(2)];
  await jest.advanceTimersByTimeAsync(500);
  node.delay(600);
  asked.push(ask(3));
  await jest.advanceTimersByTimeAsync(100);
  expect(arrived).toEqual([1, 2]);
  node.delay(0);
  asked.push(ask(4));
  await jest.advanceTimersByTimeAsync(0);
  await Promise.all(asked);
  expect(arrived).toEqual([1, 2, 3, 4]);
});

test.each([NaN, -1])('arguments: a delay of %p ms is refused', (ms) => {
  expect(() => memoryNode({ name: 'm' }).delay(ms)).toThrow(RangeError);
});

test('expired keys are deleted although no command names them', () => {
  const keys = new Keyspace();
  const deleted = jest.spyOn(Map.prototype, 'delete');
  try {
    for (let index = 0; index < 10_000; index++) {
      keys.set(`key${index}`, 'value', 10);
      if (index % 100 === 0) jest.advanceTimersByTime(20);
    }
    const ours = deleted.mock.calls.filter(([key]) => String(key).startsWith('key'));
    expect(10_000 - ours.length).toBeLessThan(2000);
  } finally {
    deleted.mockRestore();
  }
});
