import { expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { settle } from '../support/settle.js';
import { world } from '../support/world.js';
import { NodeTimeout } from '../../src/node/timeouts.js';

test.each([
  { ttl: 200, options: {}, ms: 50 },
  { ttl: 10_000, options: {}, ms: 500 },
  { ttl: 100_000, options: {}, ms: 1000 },
  { ttl: 100_000, options: { nodeTimeout: 70 }, ms: 70 },
  { ttl: 100_000, options: { nodeTimeout: 70, node: { timeout: 130 } }, ms: 130 },
  { ttl: 100_000, options: { node: { timeout: 20 } }, ms: 20 },
])('the node timeout with ttl $ttl and $options is $ms ms', async ({ ttl, options, ms }) => {
  const { redlock, time, a } = world(1, options);
  a.mode = 'hold';
  let error: unknown;
  const tried = rejectionOf(redlock.tryAcquire('r', ttl)).then((reason) => (error = reason));
  await time.advance(ms - 1);
  expect(error).toBeUndefined();
  await time.advance(1);
  await tried;
  const message = `no reply within ${ms} ms`;
  const timeout = { name: 'TimeoutError', code: 'TIMEOUT', message };
  expect(error).toMatchObject({
    votes: [{ node: 'a', result: 'failed', error: timeout, duration: ms }],
  });
});

test('a reply that is in the socket when the node timeout fires counts', async () => {
  const { redlock, time, a } = world(1);
  a.mode = 'hold';
  time.sockets = () => a.answer();
  const trying = redlock.tryAcquire('r', 10_000);
  await time.advance(500);
  expect((await trying)?.remaining()).toBe(9898 - 500);
});

test('the default node timeout grows to three round trips of a distant node', async () => {
  const { redlock, time, nodes } = world();
  for (const node of nodes) node.mode = 'hold';
  const roundTrip = async (ms: number): Promise<void> => {
    await time.advance(ms);
    for (const { unanswered } of nodes) unanswered[0]?.reply();
    await settle();
  };
  const first = rejectionOf(redlock.tryAcquire('r', 1000));
  await roundTrip(60);
  expect(await first).toMatchObject({ votes: [{ error: { code: 'TIMEOUT' } }, {}] });
  await roundTrip(60);
  const second = redlock.tryAcquire('s', 1000);
  await roundTrip(150);
  expect((await second)?.remaining()).toBe(988 - 150);
});

test('an extension waits for a reply for at most half of its ttl, so that it can be repeated', async () => {
  const { redlock, time, b, c } = world();
  c.mode = 'hold';
  const lock = await redlock.acquire('r', 1000);
  await time.advance(400);
  c.answer();
  await settle();
  b.fail();
  c.mode = 'hold';
  let failed = false;
  const failure = rejectionOf(lock.extend()).finally(() => (failed = true));
  await time.advance(499);
  expect(failed).toBe(false);
  await time.advance(1);
  expect(await failure).toMatchObject({ code: 'QUORUM_UNAVAILABLE' });
  expect(lock.remaining()).toBeGreaterThan(0);
});

test('the round trip as measured is short again a few replies after a stall', () => {
  const timeout = new NodeTimeout(undefined);
  const measure = (ms: number, times: number): void => {
    for (let i = 0; i < times; i++) timeout.measured(ms);
  };
  measure(2, 10);
  measure(200, 20);
  expect(timeout.roundTrip).toBeGreaterThan(150);
  measure(2, 6);
  expect(timeout.roundTrip).toBeLessThan(10);
});
