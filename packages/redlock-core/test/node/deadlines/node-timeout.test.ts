import { describe, expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { settle } from '../../support/settle.js';
import { TestNode } from '../../support/test-node.js';
import { redlockOver, threeNodes } from '../../support/three-nodes.js';

describe('the node timeout', () => {
  test.each([
    { ttl: 200, options: {}, timeout: undefined, ms: 50 },
    { ttl: 10_000, options: {}, timeout: undefined, ms: 500 },
    { ttl: 100_000, options: {}, timeout: undefined, ms: 1000 },
    { ttl: 100_000, options: { nodeTimeout: 70 }, timeout: undefined, ms: 70 },
    { ttl: 100_000, options: { nodeTimeout: 70 }, timeout: 130, ms: 130 },
    { ttl: 100_000, options: {}, timeout: 20, ms: 20 },
  ])(
    'of ttl $ttl, $options and timeout $timeout is $ms ms',
    async ({ ttl, options, timeout, ms }) => {
      const node = new TestNode('a', timeout === undefined ? {} : { timeout });
      node.mode = 'hold';
      const { redlock, runtime } = redlockOver([node], options);
      let error: unknown;
      const tried = rejectionOf(redlock.tryAcquire('r', ttl)).then((reason) => (error = reason));
      await runtime.advance(ms - 1);
      expect(error).toBeUndefined();
      await runtime.advance(1);
      await tried;
      expect(error).toMatchObject({
        votes: [
          {
            node: 'a',
            vote: 'failed',
            error: { name: 'TimeoutError', code: 'TIMEOUT', message: `no reply within ${ms} ms` },
            ms,
          },
        ],
      });
    },
  );

  test('does not fail a reply that is in the socket when it fires', async () => {
    const node = new TestNode('a');
    node.mode = 'hold';
    const { redlock, runtime } = redlockOver([node]);
    runtime.sockets = () => node.answer();
    const trying = redlock.tryAcquire('r', 10_000);
    await runtime.advance(500);
    expect((await trying)?.remaining()).toBe(9898 - 500);
  });

  test('is three round trips by default to a node far away', async () => {
    const { redlock, runtime, nodes } = threeNodes();
    for (const node of nodes) node.mode = 'hold';
    const roundTrip = async (ms: number): Promise<void> => {
      await runtime.advance(ms);
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

  test('of an extension is half of the ttl at most, so that it can be tried again', async () => {
    const { redlock, runtime, b, c } = threeNodes();
    c.mode = 'hold';
    const lock = await redlock.acquire('r', 1000);
    await runtime.advance(400);
    c.answer();
    await settle();
    b.mode = new Error('connect ECONNREFUSED');
    c.mode = 'hold';
    let failed = false;
    const failure = rejectionOf(lock.extend()).finally(() => (failed = true));
    await runtime.advance(499);
    expect(failed).toBe(false);
    await runtime.advance(1);
    expect(await failure).toMatchObject({ code: 'QUORUM_UNAVAILABLE' });
    expect(lock.remaining()).toBeGreaterThan(0);
  });
});
