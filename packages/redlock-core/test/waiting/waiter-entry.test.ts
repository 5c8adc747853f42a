import { describe, expect, test } from '@jest/globals';
import { crowd, taken, TTL } from './support/crowd.js';
import { after, threeServers } from './support/three-nodes.js';

describe('who wants several resources', () => {
  test('stands in the line of the one that denied it, and in no other', async () => {
    const { join, served, grants, runtime } = await taken('a');
    void join('both', ['b', 'a']);
    await runtime.advance(100);
    void join('b only', 'b');
    await runtime.advance(0);
    expect(served).toEqual(['b only']);
    const before = grants();
    void join('a only', 'a');
    await runtime.advance(100);
    expect(grants()).toBe(before);
  });

  test('asks once, whoever stands in line for one of them, and then waits behind them', async () => {
    const { join, a, runtime } = await taken('a');
    void join('a only', 'a');
    await runtime.advance(100);
    void join('both', ['a', 'b']);
    await runtime.advance(200_000);
    const keys = a.given('acquire').map((grant) => grant.keys.join(' '));
    expect(keys.filter((each) => each === 'a b')).toHaveLength(1);
    expect(keys.filter((each) => each === 'a').length).toBeGreaterThan(2);
  });

  test('moves on to another that denies it, with its own arrival time', async () => {
    const { join, leave, served, set, nodes, runtime } = await taken('b');
    void join('both', ['a', 'b']);
    await runtime.advance(100);
    await join('a holder', 'a');
    void join('later', 'a');
    await runtime.advance(100);
    await set();
    for (const node of nodes) node.subscribed();
    await runtime.advance(0);
    // It does not stand in the way here any more.
    expect(await (await join('b only', 'b')).release()).toBe(true);
    await leave('a holder');
    expect(served).toEqual(['a holder', 'b only', 'both']);
    await leave('both');
    expect(served).toEqual(['a holder', 'b only', 'both', 'later']);
  });

  test('failure 29: does not block the holder of one, who asks for the other that is free', async () => {
    const { join, leave, served, runtime } = crowd();
    await join('holder', 'a');
    void join('both', ['a', 'b']);
    await runtime.advance(100);
    await join('holder again', 'b');
    await leave('holder');
    expect(served).toEqual(['holder', 'holder again']);
    await leave('holder again');
    expect(served).toEqual(['holder', 'holder again', 'both']);
  });

  test('and was denied by both moves to the one that is held here, and is handed it', async () => {
    const { join, leave, served, set, nodes, runtime, grants } = await taken('a');
    await join('b holder', 'b');
    void join('both', ['a', 'b']);
    await runtime.advance(100);
    await set();
    for (const node of nodes) node.subscribed();
    await runtime.advance(0);
    const before = grants();
    // No message is needed.
    for (const node of nodes) node.deaf = true;
    await leave('b holder');
    expect(served).toEqual(['b holder', 'both']);
    expect(grants()).toBe(before + 1);
  });
});

/** Another process holds a and b. */
async function holdingBoth() {
  const { process, runtime } = threeServers();
  const { redlock } = process();
  const here = process({ wait: Infinity, retryDelay: 60_000 });
  return { runtime, here, a: await redlock.acquire('a', TTL), b: await redlock.acquire('b', TTL) };
}

/** The same, and here one waits for both, in the line of a. */
async function waitingForBoth() {
  const { runtime, here, a, b } = await holdingBoth();
  const both = here.redlock.acquire(['a', 'b'], TTL);
  await runtime.advance(100);
  const only = here.redlock.acquire('a', TTL);
  await runtime.advance(100);
  return { runtime, a, b, both, only };
}

describe('who waits for several resources, one of which becomes free', () => {
  test('blocks nobody who waits for that alone', async () => {
    const { runtime, a, only } = await waitingForBoth();
    await a.release();
    await runtime.advance(100);
    expect((await only).remaining()).toBeGreaterThan(0);
  });

  test('has both when they are free', async () => {
    const { runtime, a, b, both, only } = await waitingForBoth();
    await a.release();
    await runtime.advance(100);
    await (await only).release();
    await b.release();
    await runtime.advance(100);
    expect((await both).resources).toEqual(['a', 'b']);
  });

  // The release of the other one takes the process out of the queue that this try has just entered.
  test('has both when the other is released here while it asks', async () => {
    const { runtime, a, b, both, only } = await waitingForBoth();
    await a.release();
    await runtime.advance(100);
    let got = false;
    void both.then(() => (got = true));
    await b.release();
    await (await only).release();
    await runtime.advance(100);
    expect(got).toBe(true);
  });
});

test('stands in the queue of a key under one name, also when it has moved to a line with another reservation', async () => {
  const { runtime, here, a, b } = await holdingBoth();
  for (const node of here.nodes) node.mode = after(runtime, 10);
  const before = here.redlock.acquire('a', TTL);
  await runtime.advance(100);
  for (const node of here.nodes) node.mode = after(runtime, 30);
  void here.redlock.acquire(['b', 'a'], TTL);
  await runtime.advance(200);
  await b.release();
  await runtime.advance(200);
  // It stands behind the other one now, and asks when that has had a. The channel for b is closed by then.
  await runtime.advance(2000);
  await a.release();
  await runtime.advance(200);
  void (await before).release();
  await runtime.advance(200);
  const tries = here.a
    .given('acquire')
    .filter(({ keys, entries }) => keys.length > 1 && entries.length > 0);
  const members = tries.map(({ entries: [entry = ''] }) => entry.replace(/^-?\d+:\d+:/, ''));
  expect(members.length).toBeGreaterThan(2);
  expect(new Set(members).size).toBe(1);
});

const ROUND_TRIP = 10;

/** Of two keys, one denies each try by turns, and the other one is free. Returns what is between the tries, in ms. */
async function movingToAndFro({ value, deaf }: { value: string; deaf: boolean }) {
  const { process, runtime, servers } = threeServers();
  runtime.chance = 0.5;
  const { redlock, nodes } = process({ wait: Infinity, retryDelay: 50_000, retryJitter: 0 });
  const answer = after(runtime, ROUND_TRIP);
  const times = new Map<string, number>();
  for (const node of nodes) {
    node.deaf = deaf;
    node.mode = (command) => {
      const grant = command.operations.find(({ verb }) => verb === 'acquire');
      if (grant && !times.has(grant.token)) {
        times.set(grant.token, runtime.now());
        const [free, denied] = times.size % 2 === 0 ? ['a', 'b'] : ['b', 'a'];
        for (const server of servers)
          void server.steal(denied, value).then(() => server.steal(free));
      }
      answer(command);
    };
  }
  void redlock.acquire(['a', 'b'], TTL).catch(() => {});
  await runtime.advance(3000);
  const all = [...times.values()];
  return all.slice(1).map((time, index) => time - (all[index] ?? 0));
}

describe('who goes from one line to another again and again', () => {
  test.each([
    { what: 'kept for others, who may do the same', value: 'reserved:another', deaf: false },
    { what: 'held whenever it asks', value: 'another', deaf: true },
  ])(
    'asks at once after the first two moves, and then after pauses, if the keys are $what',
    async (keys) => {
      const [first, second, third, ...paused] = await movingToAndFro(keys);
      expect([first, second, third]).toEqual([ROUND_TRIP, ROUND_TRIP, ROUND_TRIP]);
      // Half of 8 round trips, then of 16, 32, 32 and 32.
      expect(paused.slice(0, 5)).toEqual(
        [4, 8, 16, 16, 16].map((trips) => (trips + 1) * ROUND_TRIP),
      );
    },
  );
});
