import { describe, expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import type { Lock } from 'redlock-core';
import { heldElsewhere, NO_POLL, TTL } from './support/held-elsewhere.js';
import { after, threeNodes, threeServers } from './support/three-nodes.js';
import { settle } from '../support/settle.js';
import type { TestNode } from '../support/test-node.js';

/** Releases, for now on these nodes only. */
async function releaseOn(lock: Lock, nodes: readonly TestNode[], all: readonly TestNode[]) {
  for (const node of all) node.mode = nodes.includes(node) ? 'answer' : 'hold';
  void lock.release();
  await settle();
}

function triesOf({ a }: { a: TestNode }): number {
  return a.given('acquire').length;
}

describe('a waiter for a lock of another process', () => {
  test('subscribes at its first denial, once on each node', async () => {
    const { waiter, wait } = await heldElsewhere();
    const { a, b, nodes } = waiter;
    for (const node of nodes) node.mode = 'hold';
    await wait();
    a.answer();
    await settle();
    for (const node of nodes) expect(node.subscribedTo).toEqual([]);
    b.answer();
    await settle();
    const channels = nodes.map(({ subscribedTo }) => subscribedTo);
    expect(channels[0]).toEqual([expect.stringMatching(/^redlock:notify:./)]);
    expect(channels).toEqual([channels[0], channels[0], channels[0]]);
  });

  test('does not subscribe where nothing is held', async () => {
    const { process } = threeServers();
    const { redlock, nodes } = process();
    await redlock.acquire('r', TTL);
    for (const node of nodes) expect(node.subscriptions).toEqual([]);
  });

  test('requests once more when a quorum has confirmed, not before and not after that', async () => {
    const { waiter, wait, runtime } = await heldElsewhere();
    await wait();
    waiter.c.subscribed();
    await runtime.advance(100);
    expect(triesOf(waiter)).toBe(1);
    waiter.a.subscribed();
    await runtime.advance(0);
    expect(triesOf(waiter)).toBe(2);
    waiter.b.subscribed();
    await runtime.advance(40_000);
    expect(triesOf(waiter)).toBe(2);
  });

  test('sends nothing until it is notified, and requests at all nodes a round trip after the first notification', async () => {
    const { waiter, holder, lock, wait, hearAll, runtime, got } = await heldElsewhere();
    await wait();
    await hearAll();
    const sent = waiter.nodes.map(({ commands }) => commands.length);
    await runtime.advance(40_000);
    expect(waiter.nodes.map(({ commands }) => commands.length)).toEqual(sent);
    await releaseOn(lock, [holder.a], holder.nodes);
    await runtime.advance(1);
    expect(waiter.nodes.map((node) => node.given('acquire').length)).toEqual([3, 3, 3]);
    await runtime.advance(3000);
    expect(triesOf(waiter)).toBe(3);
    expect(got()).toBeUndefined();
    holder.b.answer();
    await runtime.advance(1);
    expect(got()?.remaining()).toBeGreaterThan(0);
    expect(triesOf(waiter)).toBe(4);
  });

  test('has it one round trip after the notification', async () => {
    const { waiter, lock, wait, hearAll, runtime, got } = await heldElsewhere();
    const ROUND_TRIP = 20;
    for (const node of waiter.nodes) node.mode = after(runtime, ROUND_TRIP);
    await wait();
    await hearAll();
    await runtime.advance(1000);
    await lock.release();
    await runtime.advance(ROUND_TRIP - 1);
    expect(got()).toBeUndefined();
    await runtime.advance(1);
    expect(got()).toBeDefined();
  });

  test('requests again after a notification that comes before the denial', async () => {
    const { waiter, holder, lock, wait, hearAll, runtime, got } = await heldElsewhere();
    await wait();
    for (const node of waiter.nodes) node.mode = 'hold';
    await hearAll();
    for (const node of waiter.nodes) for (const command of node.unanswered) command.execute();
    await releaseOn(lock, holder.nodes, holder.nodes);
    expect(triesOf(waiter)).toBe(2);
    for (const node of waiter.nodes) node.answer();
    await runtime.advance(0);
    expect(triesOf(waiter)).toBe(3);
    expect(got()).toBeDefined();
  });

  test('has it when the ttl of a dead holder has run out, within the next millisecond', async () => {
    const { runtime, servers, process } = threeServers();
    for (const server of servers) server.expiry = runtime.now;
    const holder = process();
    const waiter = process(NO_POLL);
    await holder.redlock.acquire('r', 3000);
    for (const node of holder.nodes) node.mode = 'hold';
    runtime.chance = 0;
    const waiting = waiter.redlock.acquire('r', TTL);
    await runtime.advance(3000);
    expect(triesOf(waiter)).toBe(2);
    await runtime.advance(1);
    expect((await waiting).remaining()).toBeGreaterThan(0);
    expect(triesOf(waiter)).toBe(3);
  });

  test('polls, in case notifications are lost', async () => {
    const { waiter, lock, wait, hearAll, runtime, got } = await heldElsewhere({
      pollInterval: 100,
      wait: Infinity,
    });
    await wait();
    await hearAll();
    for (const node of waiter.nodes) node.deaf = true;
    await runtime.advance(5000);
    await lock.release();
    await runtime.advance(1000);
    expect(got()).toBeDefined();
  });

  test('requests after a subscription was made again', async () => {
    const { waiter, lock, wait, hearAll, runtime, got } = await heldElsewhere();
    await wait();
    await hearAll();
    for (const node of waiter.nodes) node.deaf = true;
    // The notifications are lost, and the windows of those that were sent have passed.
    await lock.release();
    await runtime.advance(100);
    waiter.a.unsubscribed();
    await runtime.advance(100);
    expect(got()).toBeUndefined();
    waiter.a.subscribed();
    await runtime.advance(1);
    expect(got()).toBeDefined();
  });

  test('rejects with ResourceLockedError on time, asleep', async () => {
    const { waiter, hearAll, runtime } = await heldElsewhere();
    const rejected = rejectionOf(waiter.redlock.acquire('r', TTL, { wait: 700 }));
    await runtime.advance(0);
    await hearAll();
    await runtime.advance(699);
    expect(runtime.holding).not.toEqual([]);
    await runtime.advance(1);
    expect(await rejected).toMatchObject({ code: 'RESOURCE_LOCKED', resources: ['r'] });
    expect(triesOf(waiter)).toBe(2);
  });

  test('that is notified shortly before its time ends has it', async () => {
    const { waiter, lock, hearAll, runtime } = await heldElsewhere();
    for (const node of waiter.nodes) node.mode = after(runtime, 100);
    const waiting = waiter.redlock.acquire('r', TTL, { wait: 1000 });
    await runtime.advance(150);
    await hearAll();
    await runtime.advance(800);
    await lock.release();
    await runtime.advance(200);
    expect((await waiting).remaining()).toBeGreaterThan(0);
  });
});

test('an attempt that fails at once is not followed by the next in the same turn of the event loop', async () => {
  const { redlock, nodes, runtime } = threeNodes();
  let asked = 0;
  for (const node of nodes) {
    node.mode = (command) => {
      // Else a loop without a turn would never let this test end.
      if (command.does('acquire')) asked++;
      if (asked < 1000) command.fail(new Error('connect ECONNREFUSED'));
    };
  }
  const options = { wait: 5000, pollInterval: 0 };
  const rejected = rejectionOf(redlock.acquire('r', 10_000, options));
  await settle();
  expect(asked).toBeLessThanOrEqual(nodes.length);
  for (const node of nodes) node.mode = 'answer';
  await redlock.close();
  await runtime.advance(1);
  expect(await rejected).toMatchObject({ code: 'CLOSED' });
});
