import { expect, test } from '@jest/globals';
import { type Denying, process, NODE_TIMEOUT, ROUND_TRIP, WINDOW } from './support/waiters.js';

test('a waiter whose first attempt was denied is entered as soon as a quorum of nodes can notify it', async () => {
  const { join, confirm, requests, runtime } = process({ confirms: false });
  await join('w');
  await confirm(0);
  await runtime.advance(10);
  expect(requests).toHaveLength(0);
  await confirm(1);
  expect(requests[0]?.queue?.entry).toEqual({ lease: 3000, window: WINDOW, keep: 0 });
});

test('a waiter whose first attempt was denied is entered after a node timeout where fewer nodes can notify it', async () => {
  const { join, confirm, requests, runtime } = process({ confirms: false });
  await join('w');
  await confirm(0);
  await runtime.advance(NODE_TIMEOUT - 1);
  expect(requests).toHaveLength(0);
  await runtime.advance(1);
  expect(requests[0]?.queue?.entry).not.toBeNull();
});

test.each([
  ['no node can subscribe', 0],
  ['no subscription is confirmed', 3],
])(
  'a waiter whose first attempt was denied keeps its ticket, is never entered and polls where %s',
  async (_, subscribers) => {
    const { join, requests, runtime, timesOf } = process({ confirms: false, subscribers });
    const start = runtime.now();
    await join('w');
    await timesOf(1000);
    expect(requests.length).toBeGreaterThan(2);
    expect(requests.map(({ queue }) => queue?.entry)).toEqual(requests.map(() => null));
    expect(new Set(requests.map(({ queue }) => queue?.ticket)).size).toBe(1);
    expect(runtime.now() - start).toBe(1000);
  },
);

test('a waiter whose first attempt was denied is entered by the next request where nodes can notify it at last', async () => {
  const { join, requests, confirm, timesOf } = process({ confirms: false });
  await join('w');
  await timesOf(300);
  const before = requests.length;
  await confirm(0);
  await confirm(1);
  expect(requests.slice(before)[0]?.queue?.entry).not.toBeNull();
});

test('a notified waiter requests when a quorum of nodes has notified it', async () => {
  const { enter, notify, requests } = process();
  const { queue } = await enter('w');
  await notify(0, queue?.ticket);
  expect(requests).toHaveLength(1);
  await notify(2, queue?.ticket);
  expect(requests).toHaveLength(2);
});

test('a notified waiter requests also where that notification has come before its first request was denied', async () => {
  const { join, notify, waiting, requests, runtime } = process();
  await join('other', { wait: 0 });
  const first = waiting.firstTicket(runtime.now(), 200);
  for (const node of [0, 1]) await notify(node, first?.ticket);
  await join('w', { ticket: first });
  expect(requests).toHaveLength(1);
});

test('a notified waiter requests one round trip after the first notification where fewer nodes have notified it', async () => {
  const { enter, notify, requests, runtime } = process();
  const { queue } = await enter('w');
  await notify(0, queue?.ticket);
  await runtime.advance(ROUND_TRIP - 1);
  expect(requests).toHaveLength(1);
  await runtime.advance(1);
  expect(requests).toHaveLength(2);
});

test('a notified waiter requests again if it was notified while a request was under way that is denied', async () => {
  const { join, latest, notify, requests } = process();
  await join('w');
  const { queue } = latest();
  for (const node of [0, 1]) await notify(node, queue?.ticket);
  expect(requests).toHaveLength(1);
  await latest().deny();
  expect(requests).toHaveLength(2);
});

test('a notified waiter requests nothing for what was sent before its latest request', async () => {
  const { enter, notify, requests, latest, runtime } = process();
  const { queue } = await enter('w');
  for (const node of [0, 1]) await notify(node, queue?.ticket);
  await latest().deny();
  await runtime.advance(800);
  expect(requests).toHaveLength(2);
});

test('a notified waiter requests nothing for a ticket that no waiter has, or has no more', async () => {
  const { enter, notify, requests, latest } = process();
  const { queue } = await enter('w');
  for (const node of [0, 1, 2]) await notify(node, (queue?.ticket ?? 0) + 1);
  expect(requests).toHaveLength(1);
  for (const node of [0, 1]) await notify(node, queue?.ticket);
  await latest().grant();
  for (const node of [0, 1, 2]) await notify(node, queue?.ticket);
  expect(requests).toHaveLength(2);
});

test('a notified waiter requests also by a ticket that a server writes as a double', async () => {
  const { enter, nodes, requests, runtime } = process();
  const { queue } = await enter('w');
  for (const { listener } of nodes) listener?.((queue?.ticket ?? 0).toExponential(17));
  await runtime.advance(0);
  expect(requests).toHaveLength(2);
});

test('a notified waiter requests after a subscription was made again, because a notification may have been lost', async () => {
  const { enter, nodes, confirm, requests, runtime } = process();
  await enter('w');
  nodes[0]?.lost();
  await runtime.advance(100);
  expect(requests).toHaveLength(1);
  await confirm(0);
  await runtime.advance(ROUND_TRIP);
  expect(requests).toHaveLength(2);
});

test.each<[string, Denying, number]>([
  ['the key expires', { remaining: 300 }, 300],
  [
    'it expires on a quorum of nodes',
    { each: [500, 100, 300].map((remaining) => ({ remaining })) },
    300,
  ],
  [
    'it expires, and those who are ahead had a window each',
    { remaining: 300, rank: 2 },
    300 + 2 * WINDOW,
  ],
  ['it expires within the millisecond', { remaining: 0 }, 0],
])('a waiter requests when what denied it runs out: %s', async (_, denying, ms) => {
  const { enter, requests, runtime } = process();
  await enter('w', {}, denying);
  await runtime.advance(ms);
  expect(requests).toHaveLength(1);
  await runtime.advance(1);
  expect(requests).toHaveLength(2);
});

test.each([
  ['contenders shared out the votes', { verdict: 'split' } as const],
  ['some nodes granted, so that they dropped the entry', { nodes: 1, others: 'granted' } as const],
  ['too few nodes answered', { nodes: 1, others: 'failed', verdict: 'unavailable' } as const],
])('the waiter requests after a round trip, then more and more rarely: %s', async (_, denying) => {
  const { join, latest, timesOf, runtime } = process();
  runtime.chance = 0;
  await join('w');
  await latest().deny(denying);
  expect(await timesOf(70, denying)).toEqual(
    [1, 3, 7, 15, 31, 63].map((n) => n * ROUND_TRIP).filter((n) => n <= 70),
  );
});

test('a denial by a quorum ends the requests after a split vote', async () => {
  const { join, latest, requests, runtime } = process();
  await join('w');
  await latest().deny({ verdict: 'split' });
  await runtime.advance(2 * ROUND_TRIP);
  await latest().deny();
  await runtime.advance(500);
  expect(requests).toHaveLength(2);
});

test('a split vote after another denial is followed by a round trip again', async () => {
  const { join, latest, timesOf, runtime } = process();
  runtime.chance = 0;
  await join('w');
  await latest().deny({ verdict: 'split' });
  await runtime.advance(ROUND_TRIP);
  await latest().deny({ remaining: 10 });
  await runtime.advance(11);
  await latest().deny({ verdict: 'split' });
  expect(await timesOf(ROUND_TRIP)).toEqual([ROUND_TRIP]);
});

test('a waiter makes a new ticket, and leaves with the former one, when the clocks of the nodes were set back', async () => {
  const { enter, latest, runtime, left } = process();
  const { queue } = await enter('w');
  const ticket = queue?.ticket ?? 0;
  await runtime.advance(1100);
  expect(latest().queue?.ticket).toBe(ticket);
  await latest().deny({ ahead: -10_000_000 });
  await runtime.advance(1100);
  expect(latest().queue?.ticket).toBe(ticket - 10_000_000);
  expect(left).toEqual([{ channel: queue?.channel, tickets: [ticket] }]);
});
