import { expect, test } from '@jest/globals';
import { permitsOf, process, WINDOW } from './support/waiters.js';

const SEATS = { keys: permitsOf(8) };
const TAKEN = { remaining: 30_000 };

test('a waiter for a permit requests the one that most notifications have named', async () => {
  const { enter, notify, latest } = process();
  const { queue } = await enter('w', SEATS, TAKEN);
  await notify(0, queue?.ticket, 3);
  await notify(0, queue?.ticket, 5);
  await notify(1, queue?.ticket, 5);
  expect(latest().keys.permit).toBe(5);
});

test('a waiter for a permit requests never one above its own number of permits, as other processes may name', async () => {
  const { enter, notify, latest } = process();
  const { queue } = await enter('w', { keys: permitsOf(2) }, TAKEN);
  for (const permit of [7, 7, 0]) await notify(0, queue?.ticket, permit);
  await notify(1, queue?.ticket);
  expect(latest().keys.permit).toBe(0);
});

test.each([
  [0, 1],
  [0.6, 4],
])(
  'one at random of those that are free on a quorum of nodes: chance %d',
  async (chance, permit) => {
    const { enter, notify, latest, runtime } = process();
    const { queue } = await enter('w', SEATS, { free: [1, 4], remaining: 30_000 });
    runtime.chance = chance;
    for (const node of [0, 1]) await notify(node, queue?.ticket);
    expect(latest().keys.permit).toBe(permit);
  },
);

test('a waiter for a permit requests another one at once if a quorum of nodes has room for it', async () => {
  const { join, latest, requests } = process();
  await join('w', SEATS);
  await latest().deny({ free: [6], room: true });
  expect(requests).toHaveLength(2);
  expect(latest().keys.permit).toBe(6);
});

test('a waiter for a permit requests none when a window of those ahead is over, if each permit is free on a minority only', async () => {
  const { enter, requests, runtime } = process();
  const each = [{ free: [1] }, { free: [2] }, { free: [3] }];
  await enter('w', SEATS, { remaining: WINDOW, each });
  const made = requests.length;
  await runtime.advance(WINDOW + 100);
  expect(requests).toHaveLength(made);
  const other = process();
  await other.enter('w', SEATS, { remaining: WINDOW, free: [1] });
  const before = other.requests.length;
  await other.runtime.advance(WINDOW + 100);
  expect(other.requests).toHaveLength(before + 1);
});

test('a waiter for a permit requests none at once if others are ahead, or permits are free on a minority only', async () => {
  const { join, latest, requests, runtime } = process();
  await join('w', SEATS);
  await latest().deny({ free: [6], room: false });
  await runtime.advance(800);
  expect(requests).toHaveLength(1);
  const each = [{ free: [1] }, { free: [2] }, { free: [3] }];
  for (const denying of [{ nodes: 1, others: 'failed', free: [6] } as const, { each }]) {
    const other = process();
    await other.join('w', SEATS);
    await other.latest().deny({ ...denying, room: true });
    expect(other.requests).toHaveLength(1);
  }
});

test('a waiter for a permit requests no more than 16 times in a row at once, where a key is no string and only looks free', async () => {
  const { join, latest, requests } = process();
  await join('w', SEATS);
  for (let count = 0; count < 20; count++) await latest().deny({ free: [6], room: true });
  expect(requests).toHaveLength(17);
});

test('the next waiter of a process requests as soon as the first has its permit', async () => {
  const { enter, join, notify, latest, requests } = process();
  const { queue } = await enter('a', SEATS, TAKEN);
  for (const name of ['b', 'c']) await join(name, SEATS, null);
  for (const node of [0, 1]) await notify(node, queue?.ticket, 2);
  await latest().grant();
  expect(latest().name).toBe('b');
  await latest().grant();
  expect(requests.map(({ name }) => name)).toEqual(['a', 'a', 'b', 'c']);
});
