import { expect, test } from '@jest/globals';
import { keysOf, process, NODE_TIMEOUT } from './support/waiters.js';

const LINGER = 1000;

test('time-limit: a waiter whose time ends gets what an attempt under way brings', async () => {
  const { join, latest, outcomes, runtime } = process();
  await join('w', { wait: 20 });
  await runtime.advance(NODE_TIMEOUT);
  expect(outcomes.size).toBe(0);
  await latest().grant();
  expect(outcomes.get('w')).toMatchObject({ granted: true });
});

test('time-limit: a waiter whose time ends gets the latest failed attempt of its process, if it made none', async () => {
  const { join, enter, latest, outcomes, requests, runtime } = process();
  await enter('head');
  await join('w', { wait: 1500 }, null);
  await runtime.advance(1100);
  await latest().deny({ nodes: 1, others: 'failed', verdict: 'unavailable' });
  await runtime.advance(399);
  expect(outcomes.size).toBe(0);
  await runtime.advance(1);
  expect(outcomes.get('w')).toMatchObject({ granted: false, verdict: 'unavailable' });
  expect(requests.map(({ name }) => name)).not.toContain('w');
});

test('time-limit: a waiter whose time ends leaves the queues, and the next waiter of its process requests', async () => {
  const { join, enter, left, latest, runtime } = process();
  const { queue } = await enter('w', { wait: 500 });
  await join('next', {}, null);
  await runtime.advance(500);
  expect(left).toEqual([{ channel: queue?.channel, tickets: [queue?.ticket] }]);
  expect(latest().name).toBe('next');
});

test('time-limit: a waiter whose time ends leaves no queue that it was never entered in', async () => {
  const { join, left, outcomes, runtime } = process({ confirms: false });
  await join('w', { wait: 30 });
  await runtime.advance(30);
  expect(outcomes.size).toBe(1);
  expect(left).toEqual([]);
});

test('time-limit: an abort ends the waiting of a caller whose first attempt was aborted, and may have been entered', async () => {
  const { enter, join, waiting, runtime, left, outcomes } = process();
  await enter('other', { wait: 1 });
  await runtime.advance(1);
  left.length = 0;
  const ticket = waiting.firstTicket(runtime.now(), 200);
  const signal = AbortSignal.abort(new Error('no longer wanted'));
  await join('w', { ticket, signal }, { nodes: 0, verdict: 'aborted' });
  expect(outcomes.get('w')).toEqual({ error: signal.reason as unknown });
  expect(left).toMatchObject([{ tickets: [ticket?.ticket] }]);
});

test('subscriptions end a second after the last waiter, and do not keep the process alive until then', async () => {
  const { enter, nodes, runtime } = process();
  await enter('w', { wait: 10 });
  await enter('other', { keys: keysOf('q'), wait: 100 });
  await runtime.advance(100);
  expect(runtime.holding).toEqual([]);
  await runtime.advance(LINGER - 1);
  expect(nodes.every(({ listener }) => listener)).toBe(true);
  await runtime.advance(1);
  expect(nodes.map(({ listener }) => listener)).toEqual([null, null, null]);
});

test('a waiter keeps the process alive', async () => {
  const { enter, runtime } = process();
  await enter('w');
  expect(runtime.holding).not.toEqual([]);
});
