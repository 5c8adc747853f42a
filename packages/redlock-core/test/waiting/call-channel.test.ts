import { describe, expect, test } from '@jest/globals';
import { GuardedNode } from '../../src/node/guarded-node.js';
import { CallChannel } from '../../src/waiting/call-channel.js';
import { ManualRuntime } from '../support/manual-runtime.js';
import { settle } from '../support/settle.js';
import { TestNode } from '../support/test-node.js';

const NAME = 'r:called:me';

/** A channel on nodes that confirm when they are told to. */
function channelOn(count = 3, subscribers = count) {
  const nodes = Array.from({ length: count }, (_, index) => {
    return new TestNode(`n${index}`, { subscribes: index < subscribers });
  });
  for (const node of nodes) node.subscribing = 'hold';
  const told: string[] = [];
  const runtime = new ManualRuntime();
  const terms = { key: 'r', name: NAME, reservation: 30, quorum: Math.floor(count / 2) + 1 };
  const listener = {
    called: (key: string, node: number, permit: number | null) =>
      told.push(`${key} called by ${node}${permit === null ? '' : ` for ${permit}`}`),
    standBy: (key: string, ms: number) => told.push(`${key} stand by ${ms}`),
    missed: (key: string) => told.push(`${key} missed`),
    unheard: (key: string) => told.push(`${key} unheard`),
  };
  const guarded = nodes.map((node) => new GuardedNode(node));
  const onClosed = () => void told.push('closed');
  const channel = new CallChannel(terms, guarded, runtime, listener, onClosed);
  return { nodes, told, runtime, channel };
}

/** What a node publishes. */
async function publish(node: TestNode | undefined, message: string): Promise<void> {
  for (const subscription of node?.subscriptions ?? []) subscription.tell(message);
  await settle();
}

test('a channel is open at every node that can subscribe', () => {
  const { nodes } = channelOn(3, 2);
  expect(nodes.map(({ subscribedTo }) => subscribedTo)).toEqual([[NAME], [NAME], []]);
});

describe('a channel is heard', () => {
  test('when a quorum of nodes has confirmed it, and says once that calls may have been missed', () => {
    const { nodes, told, channel } = channelOn(5);
    nodes[0]?.subscribed();
    nodes[1]?.subscribed();
    expect([channel.isHeard, told]).toEqual([false, []]);
    nodes[2]?.subscribed();
    expect([channel.isHeard, told]).toEqual([true, ['r missed']]);
    nodes[3]?.subscribed();
    expect(told).toEqual(['r missed']);
  });

  test('no longer when too many nodes have lost it, and says so once', () => {
    const { nodes, told, channel } = channelOn();
    for (const node of nodes) node.subscribed();
    told.length = 0;
    nodes[0]?.unsubscribed();
    expect([channel.isHeard, told]).toEqual([true, []]);
    nodes[1]?.unsubscribed();
    expect([channel.isHeard, told]).toEqual([false, ['r unheard']]);
    nodes[2]?.unsubscribed();
    expect(told).toEqual(['r unheard']);
  });

  test('again when it is confirmed again, and each time calls may have been missed', () => {
    const { nodes, told, channel } = channelOn();
    for (const node of nodes) node.subscribed();
    nodes[0]?.unsubscribed();
    told.length = 0;
    nodes[0]?.subscribed();
    expect(told).toEqual(['r missed']);
    expect(channel.isHeard).toBe(true);
  });

  test('never, if too few nodes can subscribe', () => {
    const { nodes, told, channel } = channelOn(3, 1);
    for (const node of nodes) node.subscribed();
    expect([channel.isHeard, told]).toEqual([false, []]);
  });
});

test('a channel tells which node calls, for which permit of a semaphore, and for how long the key is kept for another', async () => {
  const { nodes, told } = channelOn();
  await settle();
  told.length = 0;
  await publish(nodes[2], 'called');
  await publish(nodes[1], 'called 12');
  await publish(nodes[0], 'stand by 250');
  expect(told).toEqual(['r called by 2', 'r called by 1 for 12', 'r stand by 250']);
});

describe('a channel that nobody needs', () => {
  test('is closed after a second', async () => {
    const { nodes, told, runtime, channel } = channelOn();
    channel.linger();
    await runtime.advance(999);
    expect(told).toEqual([]);
    await runtime.advance(1);
    expect(told).toEqual(['closed']);
    expect(nodes.map(({ subscribedTo }) => subscribedTo)).toEqual([[], [], []]);
  });

  test('keeps no process alive', () => {
    const { runtime, channel } = channelOn();
    channel.linger();
    expect(runtime.holding).toEqual([]);
  });

  test('is kept if somebody waits again, and then has another second', async () => {
    const { told, runtime, channel } = channelOn();
    channel.linger();
    await runtime.advance(900);
    channel.keep();
    await runtime.advance(2000);
    expect(told).toEqual([]);
    channel.linger();
    await runtime.advance(1000);
    expect(told).toEqual(['closed']);
  });

  test('is closed at once if no node can subscribe', () => {
    const { told, runtime, channel } = channelOn(3, 0);
    channel.linger();
    expect(told).toEqual(['closed']);
    expect(runtime.pending).toEqual([]);
  });

  test('leaves no timer when it is closed', () => {
    const { runtime, channel } = channelOn();
    channel.linger();
    channel.close();
    expect(runtime.pending).toEqual([]);
  });
});
