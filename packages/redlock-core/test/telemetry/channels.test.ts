import { channel } from 'node:diagnostics_channel';
import { expect, test } from '@jest/globals';
import type { NodeNotice } from 'redlock-core';
import { restart } from '../support/restart.js';
import { settle } from '../support/settle.js';
import { DOWN } from '../support/test-node.js';
import { heldElsewhere, world } from '../support/world.js';

/** Subscribes to a channel. */
function listenTo(name: string) {
  const messages: unknown[] = [];
  const onMessage = (message: unknown): void => void messages.push(message);
  channel(name).subscribe(onMessage);
  return { messages, [Symbol.dispose]: () => channel(name).unsubscribe(onMessage) };
}

test('telemetry: the channel redlock:lost reports a lost lock once', async () => {
  using lost = listenTo('redlock:lost');
  const { redlock, runtime } = world();
  const lock = await redlock.acquire('r', 1000);
  await runtime.advance(2000);
  expect(lock.remaining()).toBe(0);
  expect(lost.messages).toEqual([{ resources: ['r'], code: 'EXPIRED' }]);
});

test('telemetry: the channel redlock:contended reports a denied attempt and the owners', async () => {
  using contended = listenTo('redlock:contended');
  const { redlock } = await heldElsewhere();
  await redlock.tryAcquire(['r', 's'], 10_000);
  expect(contended.messages).toEqual([{ resources: ['r', 's'], owners: [] }]);
});

test('telemetry: the channel redlock:node reports a failure and a recovery', async () => {
  using nodes = listenTo('redlock:node');
  const { redlock, c } = world();
  c.mode = DOWN;
  await (await redlock.acquire('r', 10_000)).release();
  c.mode = 'answer';
  await (await redlock.acquire('r', 10_000)).release();
  const error = { name: 'Error', code: 'CONNECTION', message: DOWN.message };
  expect(nodes.messages).toEqual([
    { node: 'c', state: 'failed', error },
    { node: 'c', state: 'recovered' },
  ]);
});

test('telemetry: the channel redlock:node reports a quarantine and its end', async () => {
  using nodes = listenTo('redlock:node');
  const { redlock, runtime, c } = world(3, { quarantineTime: 5000 });
  await (await redlock.acquire('r', 1000)).release();
  await settle();
  restart(c);
  await runtime.advance(5000);
  const states = nodes.messages.map((notice) => (notice as NodeNotice).state);
  expect(states.filter((state) => state !== 'failed' && state !== 'recovered')).toEqual([
    'quarantined',
    'trusted',
  ]);
});
