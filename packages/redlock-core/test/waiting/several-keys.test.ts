import { expect, test } from '@jest/globals';
import { keysOf, process, TTL, WINDOW } from './support/waiters.js';

const BOTH = { keys: keysOf('a', 'b'), resources: ['a', 'b'] };
/** Only `b` denies: what the waiter was notified for, `a`, is kept. */
const PART = { keys: [1] };
const ALL = { keys: [0, 1] };

test('a waiter for several keys keeps nothing with its first request', async () => {
  const { join, latest } = process();
  await join('other', BOTH);
  await latest().deny(ALL);
  const { waiting, runtime } = process();
  expect(waiting.firstTicket(runtime.now(), 200)).toBeNull();
  await join('w', { ...BOTH, keys: keysOf('a', 'c') }, null);
  expect(latest().queue?.entry?.keep).toBe(0);
});

test.each([
  ['for a tenth of the time that it has waited', 800, TTL, 80],
  ['at least for a window', 0, TTL, WINDOW],
  ['at most for its ttl', 800, 50, 50],
])('a waiter for several keys keeps what it was notified for, %s', async (_, waited, ttl, keep) => {
  const { enter, notify, latest, runtime } = process();
  const { queue } = await enter('w', { ...BOTH, ttl }, ALL);
  await runtime.advance(waited);
  for (const node of [0, 1]) await notify(node, queue?.ticket);
  expect(latest().queue?.entry?.keep).toBe(keep);
});

test('a waiter for several keys requests again before that time is over, then gives the keys up with one request', async () => {
  const { enter, notify, latest, requests, runtime, timesOf } = process();
  const { queue } = await enter('w', BOTH, ALL);
  await runtime.advance(600);
  for (const node of [0, 1]) await notify(node, queue?.ticket);
  await latest().deny(PART);
  const before = requests.length;
  expect(await timesOf(200, PART)).toEqual([40, 54, 59, 64]);
  const keeps = requests.slice(before).map(({ queue: terms }) => terms?.entry?.keep);
  expect(keeps).toEqual([20, 6, 1, 0]);
});

test('a waiter for several keys goes on with its period while a node has not answered, because that one may keep a key', async () => {
  const { enter, notify, latest, runtime } = process();
  const { queue } = await enter('w', BOTH, ALL);
  await runtime.advance(600);
  for (const node of [0, 1]) await notify(node, queue?.ticket);
  await latest().deny({ ...ALL, nodes: 2 });
  await runtime.advance(30);
  for (const node of [0, 1]) await notify(node, queue?.ticket);
  expect(latest().queue?.entry?.keep).toBe(30);
});

test('a waiter for several keys keeps nothing, and makes no requests for that, while every key denies it', async () => {
  const { enter, notify, latest, timesOf, runtime } = process();
  const { queue } = await enter('w', BOTH, ALL);
  await runtime.advance(600);
  for (const node of [0, 1]) await notify(node, queue?.ticket);
  await latest().deny(ALL);
  expect(await timesOf(500, ALL)).toEqual([]);
  for (const node of [0, 1]) await notify(node, queue?.ticket);
  expect(latest().queue?.entry?.keep).toBe(110);
});
