import { describe, expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { QuorumError } from 'redlock-core';
import { settle } from '../support/settle.js';
import { threeNodes } from '../support/three-nodes.js';

/** 10 s less 1% less 2 ms */
const LONGEST = 9898;

describe('validity is the ttl less the drift and the time since before the nodes were asked', () => {
  test.each([
    { what: 'both clocks run', advance: 300, suspend: 0, back: 0, left: LONGEST - 300 },
    {
      what: 'the monotonic clock stands still',
      advance: 0,
      suspend: 300,
      back: 0,
      left: LONGEST - 300,
    },
    {
      what: 'the wall clock is set back',
      advance: 300,
      suspend: 0,
      back: 5000,
      left: LONGEST - 300,
    },
    {
      what: 'the wall clock is set forward',
      advance: 300,
      suspend: 700,
      back: 0,
      left: LONGEST - 1000,
    },
  ])('$what: $left ms', async ({ advance, suspend, back, left }) => {
    const { redlock, runtime, nodes } = threeNodes();
    for (const node of nodes) node.mode = 'hold';
    const acquiring = redlock.acquire('r', 10_000);
    await runtime.advance(advance);
    runtime.suspend(suspend);
    runtime.setWallBack(back);
    for (const node of nodes) node.answer();
    expect((await acquiring).remaining()).toBe(left);
  });

  test('no clock that is set back makes it grow again', async () => {
    const { redlock, runtime } = threeNodes();
    const lock = await redlock.acquire('r', 10_000);
    runtime.setWallBack(60_000);
    expect(lock.remaining()).toBe(LONGEST);
    await runtime.advance(1000);
    expect(lock.remaining()).toBe(LONGEST - 1000);
  });

  test('the drift follows driftFactor', async () => {
    const { redlock } = threeNodes({ driftFactor: 0.1 });
    const lock = await redlock.acquire('r', 10_000);
    expect(lock.remaining()).toBe(8998);
  });
});

test('a grant counts from before it was sent: if the process stands still in that moment, the node may have forgotten it', async () => {
  const { redlock, runtime, a } = threeNodes({ nodeTimeout: 500 });
  // Of the two grants that decide, one is older than an attempt may take.
  a.mode = (command) => {
    runtime.standStill(3000);
    command.reply();
    a.mode = 'answer';
  };
  expect(await rejectionOf(redlock.tryAcquire('r', 60_000))).toMatchObject({
    message: expect.stringContaining('too much time passed'),
  });
});

describe('grants that come when no validity is left', () => {
  // 100 ms less 3 ms of drift.
  test.each([
    { clocks: 'both clocks', advance: 97, suspend: 0 },
    { clocks: 'the wall clock alone', advance: 0, suspend: 97 },
  ])('are a QuorumError, by $clocks', async ({ advance, suspend }) => {
    const { redlock, runtime, nodes, names } = threeNodes({ nodeTimeout: 1000 });
    for (const node of nodes) node.mode = 'hold';
    const tried = rejectionOf(redlock.tryAcquire('r', 100));
    await runtime.advance(advance);
    runtime.suspend(suspend);
    for (const node of nodes) node.answer();
    const error = await tried;
    expect(error).toBeInstanceOf(QuorumError);
    expect(error).toMatchObject({
      message: expect.stringContaining('too late for its ttl'),
      votes: [{ vote: 'granted' }, { vote: 'granted' }],
    });
    expect(names()).toEqual([]);
    for (const node of nodes) expect(await node.server.holderOf('r')).toBeNull();
  });

  test('one ms of validity is a lock', async () => {
    const { redlock, runtime, nodes } = threeNodes({ nodeTimeout: 1000 });
    for (const node of nodes) node.mode = 'hold';
    const trying = redlock.tryAcquire('r', 100);
    await runtime.advance(96);
    for (const node of nodes) node.answer();
    expect((await trying)?.remaining()).toBe(1);
  });
});

test('each attempt has a token of its own', async () => {
  const { redlock, runtime, nodes } = threeNodes({ retryDelay: 100, retryJitter: 0 });
  for (const node of nodes) await node.server.steal('r', 'other');
  const acquiring = redlock.acquire('r', 10_000, { wait: 250 });
  const rejected = rejectionOf(acquiring);
  await runtime.advance(300);
  await rejected;
  for (const node of nodes) {
    const tokens = node.all('grant').map(({ token }) => token);
    expect(tokens).toHaveLength(3);
    expect(new Set(tokens).size).toBe(3);
    for (const token of tokens) expect(runtime.tokens).toContain(token);
  }
});

test('a failed attempt is released on every node, before the next one: also where denied or silent', async () => {
  const { redlock, runtime, a, b, c } = threeNodes({ retryDelay: 100, retryJitter: 0 });
  await a.server.steal('r', 'other');
  await b.server.steal('r', 'other');
  c.mode = 'hold';
  const rejected = rejectionOf(redlock.acquire('r', 10_000, { wait: 100 }));
  await runtime.advance(100);
  await rejected;
  for (const node of [a, b, c]) expect(node.kinds).toEqual(['grant', 'release']);
  expect(c.latest('release').token).toBe(c.latest('grant').token);
});

test('an attempt that failed ends when the nodes that granted have released', async () => {
  const { redlock, a, b, c } = threeNodes();
  await b.server.steal('r', 'other');
  await c.server.steal('r', 'other');
  a.mode = (command) => command.has('grant') && command.reply();
  // In the order of the nodes: the grant of `a` is in when the others decide.
  let result: unknown = 'pending';
  const tried = redlock.tryAcquire('r', 10_000).then((lock) => (result = lock));
  await settle();
  expect(a.kinds).toEqual(['grant', 'release']);
  expect(result).toBe('pending');
  a.answer();
  await tried;
  expect(result).toBeNull();
});

describe('the grant of a failed attempt that is answered', () => {
  test('after its release is released again', async () => {
    const { redlock, a, b, c } = threeNodes();
    await a.server.steal('r', 'other');
    await b.server.steal('r', 'other');
    c.mode = 'hold';
    expect(await redlock.tryAcquire('r', 10_000)).toBeNull();
    await settle();
    c.latest('release').command.reply();
    await settle();
    c.latest('grant').command.reply();
    await settle();
    expect(c.kinds).toEqual(['grant', 'release', 'release']);
    c.answer();
    await settle();
    expect(c.kinds).toHaveLength(3);
    expect(await c.server.holderOf('r')).toBeNull();
  });

  test.each([
    ['when that is written', settle],
    ['when that waits to be written', async () => {}],
  ])('before its release needs no other, %s', async (_, until) => {
    const { redlock, a, b, c } = threeNodes();
    await a.server.steal('r', 'other');
    await b.server.steal('r', 'other');
    c.mode = 'hold';
    expect(await redlock.tryAcquire('r', 10_000)).toBeNull();
    await until();
    c.answer();
    await settle();
    expect(c.kinds).toEqual(['grant', 'release']);
    expect(await c.server.holderOf('r')).toBeNull();
  });
});

test('the late grant of a successful attempt stays', async () => {
  const { redlock, c } = threeNodes();
  c.mode = 'hold';
  const lock = await redlock.acquire('r', 10_000);
  c.answer();
  await settle();
  expect(c.kinds).toEqual(['grant']);
  expect(await c.server.holderOf('r')).toBe(lock.token);
});
