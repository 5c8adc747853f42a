import { expect, test } from '@jest/globals';
import { Claim } from '../../src/protocol/operations.js';
import { settle } from '../support/settle.js';
import { EPOCH, keysOf, process, sharedKeys, TTL } from './support/waiters.js';

test('waiters of one process for the same keys are one waiter to the nodes: only the first requests', async () => {
  const { enter, join, requests, timesOf } = process();
  await enter('head');
  for (const name of ['a', 'b', 'c']) await join(name, {}, null);
  await timesOf(5000);
  expect(new Set(requests.map(({ name }) => name))).toEqual(new Set(['head']));
});

test('waiters of one process queue together in whichever order they name the keys, and whether they are fenced or not', async () => {
  const { join, requests, waiting } = process();
  await join('head', { keys: keysOf('a', 'b') });
  const reversed = keysOf('b', 'a');
  expect(waiting.isAwaited(reversed)).toBe(true);
  await join('next', { keys: Object.assign(reversed, { fenced: false }) }, null);
  expect(requests.map(({ name }) => name)).toEqual(['head']);
});

test('waiters of one process queue apart from those for other keys, or in another mode', async () => {
  const { join, waiting, requests } = process();
  await join('head');
  for (const keys of [keysOf('q'), keysOf('q', 'r'), sharedKeys('r'), keysOf('["shared","r"]')]) {
    expect(waiting.isAwaited(keys)).toBe(false);
    await join(keys.keys.join(), { keys }, null);
  }
  expect(requests).toHaveLength(5);
});

test('waiters of one process for the same keys have tickets in the order in which they called, whenever they request', async () => {
  const { enter, join, waiting, latest, runtime } = process();
  await enter('head', { wait: 500 });
  await runtime.advance(100);
  await join('next', {}, null);
  const called = runtime.now();
  await runtime.advance(100);
  expect(waiting.firstTicket(runtime.now())?.ticket).toBe(EPOCH + runtime.now() * 1000);
  await runtime.advance(300);
  expect(latest()).toMatchObject({ name: 'next', queue: { ticket: EPOCH + called * 1000 } });
});

test('waiters of one process for the same keys are in the order of their tickets, although the first request of an earlier one was answered later', async () => {
  const { enter, join, waiting, runtime, notify, requests } = process();
  await enter('other', { keys: keysOf('q') });
  const [first, second, third] = [1, 2, 3].map(() => waiting.firstTicket(runtime.now(), 200));
  await join('third', { ticket: third ?? null });
  await join('second', { ticket: second ?? null });
  await join('first', { ticket: first ?? null });
  for (const name of ['first', 'second', 'third']) {
    for (const node of [0, 1]) await notify(node, first?.ticket);
    if (name !== 'first') await runtime.advance(1100);
    await requests.find((request) => request.name === name)?.grant();
  }
  const names = requests.map(({ name }) => name).filter((name) => name !== 'other');
  expect(names).toEqual(['first', 'second', 'third']);
});

test('a notification for one behind the first is one for the first', async () => {
  const { enter, join, waiting, runtime, notify, requests } = process();
  await enter('head');
  const ticket = waiting.firstTicket(runtime.now(), 200);
  await join('follower', { ticket });
  for (const node of [0, 1]) await notify(node, ticket?.ticket);
  expect(requests.map(({ name }) => name)).toEqual(['head', 'head']);
});

test('the next waiter of a process polls while the first has the lock, or requests when its ttl is over', async () => {
  for (const [ttl, at] of [
    [TTL, 1000],
    [300, 300],
  ]) {
    const { join, latest, requests, runtime } = process();
    await join('head', { ttl: ttl ?? 0 });
    await join('next', {}, null);
    await latest().grant();
    await runtime.advance((at ?? 0) - 1);
    expect(requests).toHaveLength(1);
    await runtime.advance(1);
    expect(requests.map(({ name }) => name)).toEqual(['head', 'next']);
  }
});

/** `size` waiters behind one that requests. */
const enterCrowd = async (size: number) => {
  const all = process();
  const { join, latest, runtime } = all;
  const keys = sharedKeys('r');
  await join('head', { keys });
  const joined = Array.from({ length: size }, (_, index) =>
    join(`w${index}`, { keys, wait: 5000 }, null),
  );
  await Promise.all(joined);
  return { ...all, keys, latest, runtime };
};

test('a crowd of one process that shares a lock is let in as soon as the first has it, in slices of the event loop', async () => {
  const { latest, requests, outcomes, keys, waiting } = await enterCrowd(1000);
  let turns = 0;
  const count = (): void => {
    turns++;
    if (requests.length < 1001) setImmediate(count);
  };
  setImmediate(count);
  await latest().grant();
  expect(requests).toHaveLength(1001);
  expect(turns).toBeGreaterThan(4);
  expect(new Set(requests.map(({ queue }) => queue?.ticket)).size).toBe(1001);
  await Promise.all(requests.slice(1).map((request) => request.grant()));
  expect(outcomes.size).toBe(1001);
  expect(waiting.isAwaited(keys)).toBe(false);
});

test('a crowd of one process that shares a lock waits again behind the first, once a writer is ahead', async () => {
  const { latest, requests, outcomes, runtime, timesOf, closed } = await enterCrowd(10);
  await latest().grant();
  for (const request of requests.slice(1)) await request.deny({ value: null });
  expect(outcomes.size).toBe(1);
  const before = requests.length;
  await timesOf(2500, { value: null });
  expect(new Set(requests.slice(before).map(({ name }) => name))).toEqual(new Set(['w0']));
  await runtime.advance(500);
  await latest().grant();
  expect(requests.slice(-9).map(({ name }) => name)).toEqual(
    [1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => `w${n}`),
  );
  closed.abort();
  await settle();
});

test('one who comes while a shared lock is being shared out gets in too', async () => {
  const { join, latest, requests } = process();
  const keys = sharedKeys('r');
  await join('head', { keys });
  await join('a', { keys }, null);
  await latest().grant();
  await join('late', { keys }, null);
  expect(requests.map(({ name }) => name)).toEqual(['head', 'a', 'late']);
});

test('those who wait to share a lock request when a caller that does not wait got it', async () => {
  const { enter, waiting, requests, latest } = process();
  const keys = sharedKeys('r');
  await enter('head', { keys });
  waiting.granted(new Claim(keys, 'token'));
  await settle();
  expect(requests).toHaveLength(2);
  expect(latest().name).toBe('head');
});
