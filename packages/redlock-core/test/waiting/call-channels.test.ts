import { expect, test } from '@jest/globals';
import { GuardedNode } from '../../src/node/guarded-node.js';
import { CallChannels } from '../../src/waiting/call-channels.js';
import { ManualRuntime } from '../support/manual-runtime.js';
import { TestNode } from '../support/test-node.js';

const LISTENER = { called() {}, standBy() {}, missed() {}, unheard() {} };

function channelsOn(runtime = new ManualRuntime()) {
  const nodes = ['a', 'b', 'c'].map((name) => new TestNode(name, { subscribes: true }));
  const guarded = nodes.map((node) => new GuardedNode(node));
  return { nodes, runtime, channels: new CallChannels(guarded, 2, runtime) };
}

test('a process has one channel for each key, and one name in all of them', () => {
  const { nodes, channels } = channelsOn();
  for (const key of ['a', 'b', 'a']) channels.open(key, 5, LISTENER);
  const [first = '', second = ''] = nodes[0]?.subscribedTo ?? [];
  expect(nodes.map(({ subscribedTo }) => subscribedTo.length)).toEqual([2, 2, 2]);
  expect(first).toMatch(/^a:called:./);
  expect(second).toBe(first.replace('a:', 'b:'));
});

test('two processes have different channels', () => {
  const runtime = new ManualRuntime();
  const [one, other] = [channelsOn(runtime), channelsOn(runtime)];
  for (const { channels } of [one, other]) channels.open('a', 5, LISTENER);
  expect(one.nodes[0]?.subscribedTo).not.toEqual(other.nodes[0]?.subscribedTo);
});

test('the member of a process stays the same for as long as its channel is open', () => {
  const { channels } = channelsOn();
  channels.open('a', 20, LISTENER);
  channels.open('a', 100, LISTENER);
  expect(channels.memberOf('a', 400, 'exclusive')).toMatch(/^20:a:called:/);
});

test('a key without a channel has the member that it would have', () => {
  const { nodes, channels } = channelsOn();
  const member = channels.memberOf('a', 80, 'exclusive');
  channels.open('a', 80, LISTENER);
  expect(nodes[0]?.subscribedTo.map((name) => `80:${name}`)).toEqual([member]);
});

test('the member of a process that wants to share the key says so', () => {
  const { channels } = channelsOn();
  expect(channels.memberOf('a', 80, 'shared')).toMatch(/^80s:a:called:/);
});

test('a channel that is opened again while it lingers stays open', async () => {
  const { nodes, runtime, channels } = channelsOn();
  channels.open('a', 5, LISTENER);
  channels.get('a')?.linger();
  channels.open('a', 5, LISTENER);
  await runtime.advance(5000);
  expect(nodes[0]?.subscriptions).toHaveLength(1);
  expect(nodes[0]?.subscribedTo).toHaveLength(1);
});

test('closing ends all channels', () => {
  const { nodes, channels } = channelsOn();
  for (const key of ['a', 'b']) channels.open(key, 5, LISTENER);
  channels.close();
  expect(channels.get('a')).toBeUndefined();
  expect(nodes.map(({ subscribedTo }) => subscribedTo)).toEqual([[], [], []]);
});
