import { describe, expect, test } from '@jest/globals';
import { GuardedNode } from '../../src/node/guarded-node.js';
import { Announcements } from '../../src/waiting/announcements.js';
import { ManualRuntime } from '../support/manual-runtime.js';
import { settle } from '../support/settle.js';
import { TestNode } from '../support/test-node.js';

const CHANNEL = 'r:released';

function announcing() {
  const runtime = new ManualRuntime();
  const [a, b, c] = ['a', 'b', 'c'].map(
    (name) => new TestNode(name, { announces: name !== 'c' }),
  ) as [TestNode, TestNode, TestNode];
  const guarded = [a, b, c].map((node) => new GuardedNode(node));
  const announcements = new Announcements(guarded, runtime);
  const nodes = [a, b] as const;
  for (const node of nodes) node.subscribing = 'hold';
  /** What a listener was told. */
  const ear = () => {
    const told: number[] = [];
    return { told, end: announcements.listen(CHANNEL, (node) => told.push(node)) };
  };
  const open = () => nodes.map(({ subscribedTo }) => subscribedTo);
  return { announcements, runtime, a, b, c, nodes, ear, open };
}

describe('a listener', () => {
  test('is told of each node once it is heard, and whenever it is heard anew', () => {
    const { announcements, a, b, ear } = announcing();
    const { told } = ear();
    expect(announcements.available).toBe(true);
    expect(told).toEqual([]);
    expect(announcements.hears(CHANNEL, 1)).toBe(false);
    b.subscribed();
    expect(announcements.hears(CHANNEL, 1)).toBe(true);
    a.subscribed();
    b.subscribed();
    expect(told).toEqual([1, 0, 1]);
    expect([0, 1, 2].map((node) => announcements.hears(CHANNEL, node))).toEqual([
      true,
      true,
      false,
    ]);
    expect(announcements.hears('another', 1)).toBe(false);
  });

  test('is told nothing of a loss, and a node that is lost counts as heard once it is anew', () => {
    const { announcements, a, b, ear } = announcing();
    const { told } = ear();
    const heard = () => [0, 1].map((node) => announcements.hears(CHANNEL, node));
    a.subscribed();
    b.subscribed();
    a.unsubscribed();
    expect(heard()).toEqual([false, true]);
    expect(told).toEqual([0, 1]);
    // Nor is who comes later told that it is heard.
    expect(ear().told).toEqual([1]);
    a.unsubscribed();
    a.subscribed();
    expect(heard()).toEqual([true, true]);
    expect(told).toEqual([0, 1, 0]);
  });

  test('that comes later is told of what is heard already', () => {
    const { b, ear } = announcing();
    const first = ear();
    b.subscribed();
    const second = ear();
    expect(second.told).toEqual([1]);
    expect(first.told).toEqual([1]);
  });

  test('is told of a lock of this process at once, for every node, also one that cannot subscribe', () => {
    const { announcements, ear } = announcing();
    const { told } = ear();
    announcements.announce('another');
    expect(told).toEqual([]);
    announcements.announce(CHANNEL);
    expect(told).toEqual([0, 1, 2]);
  });

  test('is told nothing any more once it has ended', () => {
    const { announcements, a, ear } = announcing();
    const [one, other] = [ear(), ear()];
    one.end();
    a.subscribed();
    announcements.announce(CHANNEL);
    expect(one.told).toEqual([]);
    expect(other.told).toEqual([0, 0, 1, 2]);
  });
});

describe('a subscription', () => {
  test('is one for each channel and node, however many listen', async () => {
    const { announcements, runtime, nodes, ear, open } = announcing();
    const [one] = [ear(), ear(), ear()];
    announcements.listen('another', () => {});
    one.end();
    one.end();
    await runtime.advance(10_000);
    expect(open()).toEqual([
      [CHANNEL, 'another'],
      [CHANNEL, 'another'],
    ]);
    expect(nodes.map(({ subscriptions }) => subscriptions.length)).toEqual([2, 2]);
  });

  test('stays open for a second after the last listener, and is used again', async () => {
    const { announcements, runtime, nodes, ear, open } = announcing();
    ear().end();
    expect(announcements.isOpen(CHANNEL)).toBe(true);
    await runtime.advance(999);
    const again = ear();
    await runtime.advance(10_000);
    expect(open()).toEqual([[CHANNEL], [CHANNEL]]);
    again.end();
    await runtime.advance(1000);
    expect(open()).toEqual([[], []]);
    expect(announcements.isOpen(CHANNEL)).toBe(false);
    expect(runtime.pending).toEqual([]);
    expect(nodes.map(({ subscriptions }) => subscriptions.length)).toEqual([1, 1]);
    ear();
    expect(open()).toEqual([[CHANNEL], [CHANNEL]]);
    expect(announcements.hears(CHANNEL, 0)).toBe(false);
  });

  test('that lingers does not keep the process alive', () => {
    const { runtime, ear } = announcing();
    ear().end();
    expect(runtime.pending).toEqual([1000]);
    expect(runtime.holding).toEqual([]);
  });

  test('is closed by close(), with its timer, whoever listens', async () => {
    const { announcements, runtime, ear, open } = announcing();
    const { told, end } = ear();
    announcements.listen('another', () => {})();
    announcements.close();
    expect(open()).toEqual([[], []]);
    expect(runtime.pending).toEqual([]);
    announcements.announce(CHANNEL);
    end();
    await settle();
    expect(told).toEqual([]);
    expect(runtime.pending).toEqual([]);
  });
});

test('without a node that can subscribe nothing lingers', () => {
  const runtime = new ManualRuntime();
  const announcements = new Announcements([new GuardedNode(new TestNode('a'))], runtime);
  expect(announcements.available).toBe(false);
  announcements.listen(CHANNEL, () => {})();
  expect(announcements.isOpen(CHANNEL)).toBe(false);
  expect(runtime.pending).toEqual([]);
});
