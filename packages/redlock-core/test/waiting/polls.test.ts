import { expect, test } from '@jest/globals';
import { keysOf, process, ROUND_TRIP } from './support/waiters.js';

function intervals(times: readonly number[]): number[] {
  return times.slice(1).map((time, index) => time - (times[index] ?? 0));
}

test.each([
  [100, 500, 'at five times pollInterval'],
  [200, 1000, 'by default once a second'],
  [1000, 1000, 'at least once a second'],
  [5000, 5000, 'at pollInterval where that is longer'],
])(
  'while nodes can notify a waiter, it polls: pollInterval %i: every %i ms, %s',
  async (pollInterval, interval) => {
    const { enter, timesOf } = process();
    await enter('w', { pollInterval });
    expect(intervals(await timesOf(3.5 * interval))).toEqual([interval, interval]);
  },
);

test('while nodes can notify a waiter, it polls with 10% of chance, so that processes do not poll together', async () => {
  const { join, latest, timesOf, runtime } = process();
  await join('w');
  runtime.chance = 0;
  await latest().deny();
  expect(await timesOf(2000)).toEqual([900, 1800]);
});

test('while nodes can notify a waiter, its entry lives three polls, at least a second', async () => {
  for (const [pollInterval, lease] of [
    [10, 1000],
    [200, 3000],
    [5000, 15_000],
  ]) {
    const { enter } = process();
    const { queue } = await enter('w', { pollInterval: pollInterval ?? 0 });
    expect(queue?.entry?.lease).toBe(lease);
  }
});

test('while nodes cannot notify a waiter, it polls at pollInterval and a random part', async () => {
  const { join, timesOf, runtime } = process({ subscribers: 0 });
  runtime.chance = 0.5;
  await join('w', { pollInterval: 100 });
  expect(intervals(await timesOf(600))).toEqual([125, 125, 125]);
});

test('while nodes cannot notify a waiter, it polls as soon as the subscriptions of a quorum have ended', async () => {
  const { enter, nodes, requests, runtime } = process();
  await enter('w', { pollInterval: 100 });
  nodes[0]?.lost();
  await runtime.advance(125);
  expect(requests).toHaveLength(1);
  nodes[1]?.lost();
  await runtime.advance(125);
  expect(requests).toHaveLength(2);
});

test('while nodes cannot notify a waiter, it polls, because of their Cluster slot', async () => {
  const { join, timesOf, requests } = process();
  await join('w', { keys: Object.assign(keysOf('a}b'), { queued: false }) });
  expect(intervals(await timesOf(700))).toEqual([250]);
  expect(requests[0]?.queue?.entry).toBeNull();
});

test.each([
  ['nodes can notify it', 3],
  ['they cannot', 0],
])('with pollInterval 0 the event loop turns between polls, where %s', async (_, subscribers) => {
  const { enter, join, timesOf } = process({ subscribers });
  await (subscribers ? enter : join)('w', { pollInterval: 0 });
  const times = await timesOf(20);
  for (const interval of intervals(times)) expect(interval).toBeGreaterThanOrEqual(ROUND_TRIP);
  expect(times.length).toBeGreaterThan(5);
});
