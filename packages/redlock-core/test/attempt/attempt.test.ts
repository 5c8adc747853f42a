import { expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { QuorumError, type Vote } from 'redlock-core';
import { settle } from '../support/settle.js';
import { after, heldElsewhere, TTL, world } from '../support/world.js';

/** 10 s less 1% less 2 ms */
const LONGEST = 9898;

test.each([
  { what: 'both clocks run', advance: 300, suspend: 0, back: 0, left: LONGEST - 300 },
  { what: 'the monotonic clock stops', advance: 0, suspend: 300, back: 0, left: LONGEST - 300 },
  { what: 'the wall clock goes back', advance: 300, suspend: 0, back: 5000, left: LONGEST - 300 },
  { what: 'it goes forward', advance: 300, suspend: 700, back: 0, left: LONGEST - 1000 },
])('validity: a lock has $left ms left if $what', async ({ advance, suspend, back, left }) => {
  const { redlock, time, nodes } = world();
  for (const node of nodes) node.hold();
  const acquiring = redlock.acquire('r', TTL);
  await time.advance(advance);
  time.suspend(suspend);
  time.setWallBack(back);
  for (const node of nodes) node.answer();
  expect((await acquiring).remaining()).toBe(left);
});

test('validity: the drift follows driftFactor', async () => {
  const { redlock } = world(3, { driftFactor: 0.1 });
  expect((await redlock.acquire('r', TTL)).remaining()).toBe(8998);
});

test('validity: a grant counts from before it was sent, if the process stops in that moment', async () => {
  const { redlock, time, a } = world(3, { nodeTimeout: 500 });
  // Of the two grants that decide, one is older than an attempt may take: its node may have lost it.
  a.mode = (command) => {
    time.standStill(3000);
    command.reply();
    a.answer();
  };
  expect(await rejectionOf(redlock.tryAcquire('r', 60_000))).toMatchObject({
    message: expect.stringContaining('too much time passed'),
  });
});

// 100 ms less 3 ms of drift.
test.each([
  { clocks: 'both clocks', advance: 97, suspend: 0 },
  { clocks: 'the wall clock alone', advance: 0, suspend: 97 },
])(
  'validity: what is left is the ttl less drift and time: grants after its end by $clocks are a QuorumError, and leave nothing',
  async ({ advance, suspend }) => {
    const { redlock, time, nodes, names, holders, everywhere } = world(3, { nodeTimeout: 1000 });
    for (const node of nodes) node.hold();
    const tried = rejectionOf(redlock.tryAcquire('r', 100));
    await time.advance(advance);
    time.suspend(suspend);
    for (const node of nodes) node.answer();
    const error = await tried;
    expect(error).toBeInstanceOf(QuorumError);
    expect(error).toMatchObject({
      message: expect.stringContaining('too late: the round trip used up its ttl'),
      votes: [{ result: 'granted' }, { result: 'granted' }],
    });
    expect(names()).toEqual([]);
    expect(await holders()).toEqual(everywhere(null));
  },
);

test('validity: what is left of one ms is a lock', async () => {
  const { redlock, time, nodes } = world(3, { nodeTimeout: 1000 });
  for (const node of nodes) node.hold();
  const trying = redlock.tryAcquire('r', 100);
  await time.advance(96);
  for (const node of nodes) node.answer();
  expect((await trying)?.remaining()).toBe(1);
});

test('decision: two grants of three are a lock, and the late third one stays', async () => {
  const { redlock, c, holders, everywhere } = world();
  c.hold();
  const lock = await redlock.acquire('r', TTL);
  c.answer();
  await settle();
  expect(await holders()).toEqual(everywhere(lock.token));
  expect(c.releases).toBe(0);
});

test('a failed attempt is released where it was not denied before the next one, which has its own token', async () => {
  const polling = { pollInterval: 100, subscribers: 0 };
  const { redlock, time, nodes, c } = await heldElsewhere('r', polling);
  c.hold();
  const rejected = rejectionOf(redlock.acquire('r', TTL, { wait: 150 }));
  await time.advance(149);
  const [first, second] = c.given('acquire').map(({ token }) => token);
  expect(second).not.toBe(first);
  expect(c.operations.map(({ verb, token }) => [verb, token])).toEqual([
    ['acquire', first],
    ['release', first],
    ['acquire', second],
  ]);
  await time.advance(1000);
  await rejected;
  expect(nodes.map(({ releases }) => releases)).toEqual([0, 0, 1]);
});

test('a failed attempt ends when the nodes that granted have released', async () => {
  const { redlock, a, b, c } = world();
  for (const { server } of [b, c]) await server.steal('r', 'other');
  a.hold('release');
  // In the order of the nodes: the grant of `a` is in when the others decide.
  let result: unknown = 'pending';
  const tried = redlock.tryAcquire('r', TTL).then((lock) => (result = lock));
  await settle();
  expect(a.unanswered).toHaveLength(1);
  expect(result).toBe('pending');
  a.answer();
  await tried;
  expect(result).toBeNull();
});

test('onVotes has the votes of all nodes in their order, also late ones, once an attempt', async () => {
  const { redlock, time, a } = world();
  a.mode = after(time, 30);
  const calls: (readonly Vote[])[] = [];
  await redlock.acquire('r', TTL, { onVotes: (votes) => calls.push(votes) });
  expect(calls).toEqual([]);
  await time.advance(30);
  expect(calls).toEqual([
    [
      { node: 'a', result: 'granted', duration: 30 },
      { node: 'b', result: 'granted', duration: 0 },
      { node: 'c', result: 'granted', duration: 0 },
    ],
  ]);
});

test('an error of onVotes disturbs nothing', async () => {
  const { redlock } = world(3, {
    onVotes: () => {
      throw new Error('the listener');
    },
  });
  const lock = await redlock.acquire('r', TTL);
  expect(await lock.release()).toBe(true);
});
