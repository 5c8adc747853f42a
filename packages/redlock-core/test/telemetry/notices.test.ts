import { channel } from 'node:diagnostics_channel';
import { expect, test } from '@jest/globals';
import type { NodeNotice } from 'redlock-core';
import { settle } from '../support/settle.js';
import { lockedElsewhere, threeNodes } from '../support/three-nodes.js';

const DOWN = new Error('connect ECONNREFUSED 127.0.0.1:6379');

/** Subscribes to a channel. */
function listenTo(name: string) {
  const told: unknown[] = [];
  const onMessage = (message: unknown): void => void told.push(message);
  channel(name).subscribe(onMessage);
  return { told, [Symbol.dispose]: () => channel(name).unsubscribe(onMessage) };
}

test('redlock:lost tells of a lock that can no longer be trusted, once', async () => {
  using lost = listenTo('redlock:lost');
  const { redlock, runtime } = threeNodes();
  const lock = await redlock.acquire('r', 1000);
  await runtime.advance(2000);
  expect(lock.remaining()).toBe(0);
  expect(lost.told).toEqual([{ resources: ['r'], code: 'EXPIRED' }]);
});

test('redlock:contended tells of a denied attempt and of who holds the lock', async () => {
  using contended = listenTo('redlock:contended');
  const { redlock } = await lockedElsewhere();
  await redlock.tryAcquire(['r', 's'], 10_000);
  expect(contended.told).toEqual([{ resources: ['r', 's'], owners: [] }]);
});

test('redlock:node tells of a node that fails and recovers', async () => {
  using nodes = listenTo('redlock:node');
  const { redlock, c } = threeNodes();
  c.mode = DOWN;
  await (await redlock.acquire('r', 10_000)).release();
  c.mode = 'answer';
  await (await redlock.acquire('r', 10_000)).release();
  const error = { name: 'Error', code: 'CONNECTION', message: DOWN.message };
  expect(nodes.told).toEqual([
    { node: 'c', state: 'failed', error },
    { node: 'c', state: 'recovered' },
  ]);
});

test('redlock:node tells of a node in quarantine, and of the end of it', async () => {
  using nodes = listenTo('redlock:node');
  const { redlock, runtime, c } = threeNodes({ quarantineTime: 5000 });
  await (await redlock.acquire('r', 1000)).release();
  await settle();
  c.disconnect();
  c.server.restart();
  c.connected();
  await runtime.advance(5000);
  const states = nodes.told.map((notice) => (notice as NodeNotice).state);
  expect(states.filter((state) => state !== 'failed' && state !== 'recovered')).toEqual([
    'quarantined',
    'trusted',
  ]);
});
