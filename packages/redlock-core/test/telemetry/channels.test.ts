import { channel } from 'node:diagnostics_channel';
import { expect, test } from '@jest/globals';
import { restart } from '../support/restart.js';
import { settle } from '../support/settle.js';
import { DOWN } from '../support/test-node.js';
import { heldElsewhere, TTL, world } from '../support/world.js';

/** The messages of a channel. */
function listenTo(name: string) {
  const messages: unknown[] = [];
  const onMessage = (message: unknown): void => void messages.push(message);
  channel(name).subscribe(onMessage);
  return { messages, [Symbol.dispose]: () => channel(name).unsubscribe(onMessage) };
}

test('telemetry: the channel redlock:lost reports a lost lock once', async () => {
  using lost = listenTo('redlock:lost');
  const { redlock, time } = world();
  await redlock.acquire('r', 1000);
  await time.advance(2000);
  expect(lost.messages).toEqual([{ resources: ['r'], reason: 'EXPIRED' }]);
});

test('telemetry: the channel redlock:contended reports a denied attempt and the owners', async () => {
  using contended = listenTo('redlock:contended');
  const { redlock } = await heldElsewhere();
  await redlock.tryAcquire(['r', 's'], TTL);
  expect(contended.messages).toEqual([{ resources: ['r', 's'], owners: [] }]);
});

test('telemetry: the channel redlock:node reports failures, recoveries and quarantines', async () => {
  using nodes = listenTo('redlock:node');
  const { redlock, time, c } = world(3, { quarantineTime: 5000 });
  c.fail();
  await (await redlock.acquire('r', 1000)).release();
  c.mode = 'answer';
  await (await redlock.acquire('r', 1000)).release();
  await settle();
  const error = { name: 'Error', code: 'CONNECTION', message: DOWN.message };
  expect(nodes.messages.splice(0)).toEqual([
    { node: 'c', state: 'failed', error },
    { node: 'c', state: 'recovered' },
  ]);
  restart(c);
  await time.advance(5000);
  expect(nodes.messages).toMatchObject([
    { node: 'c', state: 'quarantined' },
    { node: 'c', state: 'trusted' },
  ]);
});
