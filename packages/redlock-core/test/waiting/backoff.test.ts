import { describe, expect, test } from '@jest/globals';
import { rejectionOf } from 'testbed/rejection';
import { grantTimes, heldElsewhere, NO_POLL, TTL } from '../support/held-elsewhere.js';
import { threeServers } from '../support/processes.js';

function intervals(times: readonly number[]): number[] {
  return times.slice(1).map((time, index) => time - (times[index] ?? 0));
}

describe('the poll', () => {
  const POLL = { retryDelay: 100, retryJitter: 40, wait: Infinity };

  test('doubles from retryDelay to ten times that, with jitter, while a quorum is heard', async () => {
    const { waiter, wait, hearAll, runtime } = await heldElsewhere(POLL);
    runtime.chance = 0.5;
    await wait();
    const times = grantTimes(waiter.a, runtime.now);
    await hearAll();
    await runtime.advance(5000);
    expect(intervals(times)).toEqual([120, 220, 420, 820, 1020, 1020, 1020]);
  });

  test('begins anew when it was woken', async () => {
    const { waiter, wait, hearAll, runtime } = await heldElsewhere(POLL);
    await wait();
    await hearAll();
    await runtime.advance(1700);
    const times = grantTimes(waiter.a, runtime.now);
    for (const node of waiter.nodes) node.subscribed();
    await runtime.advance(500);
    expect(intervals(times)).toEqual([100, 200]);
  });

  test.each([0, 1])('stays at retryDelay where %i of 3 nodes can subscribe', async (announcing) => {
    const { waiter, wait, runtime } = await heldElsewhere({ ...POLL, announcing });
    runtime.chance = 0.5;
    for (const node of waiter.nodes) node.subscribing = 'answer';
    const times = grantTimes(waiter.a, runtime.now);
    await wait();
    await runtime.advance(600);
    expect(intervals(times)).toEqual([120, 120, 120, 120, 120]);
  });

  test('stays at retryDelay while fewer than a quorum are heard', async () => {
    const { waiter, wait, runtime } = await heldElsewhere(POLL);
    const times = grantTimes(waiter.a, runtime.now);
    await wait();
    waiter.b.subscribed();
    await runtime.advance(500);
    expect(intervals(times)).toEqual([100, 100, 100, 100, 100]);
  });

  test('is at retryDelay again when subscriptions are lost, and stretched when they are back', async () => {
    const { waiter, wait, hearAll, runtime } = await heldElsewhere({ ...POLL, retryJitter: 0 });
    await wait();
    await hearAll();
    await runtime.advance(1500);
    const [, b, c] = waiter.nodes;
    b?.unsubscribed();
    c?.unsubscribed();
    const times = grantTimes(waiter.a, runtime.now);
    // The first poll was planned before the subscriptions were lost.
    await runtime.advance(800);
    times.length = 0;
    await runtime.advance(500);
    expect(intervals(times)).toEqual([100, 100, 100]);
    await hearAll();
    times.length = 0;
    await runtime.advance(4000);
    expect(intervals(times)).toEqual([200, 400, 800, 1000, 1000]);
  });

  test('comes first after a node timeout, when subscriptions are slow to be established', async () => {
    const { waiter, runtime } = await heldElsewhere(NO_POLL);
    void waiter.redlock.acquire('r', 4000);
    const times = grantTimes(waiter.a, runtime.now);
    await runtime.advance(60_000);
    expect(times).toEqual([0, 4000 * 0.05, 4000 * 0.05 + NO_POLL.retryDelay]);
  });

  test('is all there is for keys without expiry', async () => {
    const { process, runtime } = threeServers();
    runtime.chance = 0.5;
    const { redlock, nodes, a } = process({ ...POLL, announcing: 0 });
    const times: number[] = [];
    for (const node of nodes) {
      node.mode = (command) => {
        if (node === a && command.has('grant')) times.push(runtime.now());
        const replies = command.operations.map(({ kind }) =>
          kind === 'grant' ? [[0, 'another', -1]] : 0,
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
