import { describe, expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { grantTimes, heldElsewhere, TTL } from './support/held-elsewhere.js';
import { threeServers } from './support/three-nodes.js';

function intervals(times: readonly number[]): number[] {
  return times.slice(1).map((time, index) => time - (times[index] ?? 0));
}

describe('the poll', () => {
  const POLL = { retryDelay: 100, retryJitter: 40, wait: Infinity };

  test('is at 2.5 times retryDelay, with jitter, while a quorum is heard', async () => {
    const { waiter, wait, hearAll, runtime } = await heldElsewhere(POLL);
    runtime.chance = 0.5;
    await wait();
    const times = grantTimes(waiter.a, runtime.now);
    await hearAll();
    await runtime.advance(1200);
    expect(intervals(times)).toEqual([270, 270, 270, 270]);
  });

  test('is the rarer the more processes stand before this one', async () => {
    const { process, waiter, wait, hearAll, runtime } = await heldElsewhere(POLL);
    for (const other of [process(POLL), process(POLL)]) {
      void other.redlock.acquire('r', TTL);
      await runtime.advance(10);
    }
    await wait();
    const times = grantTimes(waiter.a, runtime.now);
    await hearAll();
    await runtime.advance(2400);
    expect(intervals(times)).toEqual([750, 750, 750]);
  });

  test('begins anew after a call', async () => {
    const { waiter, wait, hearAll, runtime } = await heldElsewhere(POLL);
    await wait();
    await hearAll();
    await runtime.advance(1700);
    const times = grantTimes(waiter.a, runtime.now);
    waiter.a.unsubscribed();
    waiter.a.subscribed();
    await runtime.advance(600);
    expect(intervals(times)).toEqual([250, 250]);
  });

  test.each([0, 1])(
    'stays at retryDelay where %i of 3 nodes can subscribe',
    async (subscribers) => {
      const { waiter, wait, runtime } = await heldElsewhere({ ...POLL, subscribers });
      runtime.chance = 0.5;
      for (const node of waiter.nodes) node.subscribing = 'answer';
      const times = grantTimes(waiter.a, runtime.now);
      await wait();
      await runtime.advance(600);
      expect(intervals(times)).toEqual([120, 120, 120, 120, 120]);
    },
  );

  test('stays at retryDelay while fewer than a quorum are heard', async () => {
    const { waiter, wait, runtime } = await heldElsewhere(POLL);
    const times = grantTimes(waiter.a, runtime.now);
    await wait();
    waiter.b.subscribed();
    await runtime.advance(500);
    expect(intervals(times)).toEqual([100, 100, 100, 100, 100]);
  });

  test('is at retryDelay again when subscriptions are lost, and rarer when they are back', async () => {
    const { waiter, wait, hearAll, runtime } = await heldElsewhere({ ...POLL, retryJitter: 0 });
    await wait();
    await hearAll();
    await runtime.advance(250);
    const [, b, c] = waiter.nodes;
    const times = grantTimes(waiter.a, runtime.now);
    await runtime.advance(10);
    b?.unsubscribed();
    c?.unsubscribed();
    await runtime.advance(390);
    // The one that was planned is earlier now.
    expect(times).toEqual([100, 200, 300, 400]);
    await hearAll();
    times.length = 0;
    await runtime.advance(1000);
    expect(intervals(times)).toEqual([250, 250, 250]);
  });

  test('is all there is for keys without expiry', async () => {
    const { process, runtime } = threeServers();
    runtime.chance = 0.5;
    const { redlock, nodes, a } = process({ ...POLL, subscribers: 0 });
    const times: number[] = [];
    for (const node of nodes) {
      node.mode = (command) => {
        if (node === a && command.does('acquire')) times.push(runtime.now());
        const replies = command.operations.map(({ verb }) =>
          verb === 'acquire' ? [[0, 'another', -1]] : 0,
        );
        command.replyWith(replies.length > 1 ? replies : replies[0]);
      };
    }
    const rejected = rejectionOf(redlock.acquire('r', TTL, { wait: 300 }));
    await runtime.advance(300);
    await rejected;
    expect(intervals(times)).toEqual([120, 120]);
  });
});
