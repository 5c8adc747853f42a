import { describe, expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import type { Lock } from 'redlock-core';
import { crowd, PATIENT, taken, TTL } from './support/crowd.js';
import { heldElsewhere } from './support/held-elsewhere.js';
import { after, threeServers } from './support/three-nodes.js';
import type { TestNode } from '../support/test-node.js';

const REASON = new Error('no longer wanted');
const MEMBER = String.raw`10:r:called:token-\d+-of-ours`;
const ENTRY = String.raw`\d+:\d+:${MEMBER}`;

function matching(pattern: string): unknown {
  return expect.stringMatching(new RegExp(`^${pattern}$`));
}

function call(node: TestNode): void {
  for (const each of node.subscriptions) each.tell('called');
}

/** The entries of the operations of a kind, oldest first. */
function entriesOf(node: TestNode, kind: 'acquire' | 'release'): (readonly string[])[] {
  return node.given(kind).map(({ entries }) => entries);
}

/** Three contenders have one node each whenever the waiter asks; when it asks, is noted. */
async function alwaysSplit() {
  const held = await heldElsewhere();
  const { waiter, servers, wait, hearAll, runtime } = held;
  runtime.chance = 0.5;
  for (const node of waiter.nodes) node.mode = after(runtime, 10);
  await wait();
  await runtime.advance(10);
  await hearAll();
  await runtime.advance(100);
  for (const node of waiter.nodes) node.unsubscribed();
  for (const [index, server] of servers.entries()) await server.steal('r', `contender-${index}`);
  const times: number[] = [];
  waiter.a.mode = (command) => {
    if (command.does('acquire')) times.push(runtime.now());
    after(runtime, 10)(command);
  };
  for (const node of waiter.nodes) node.subscribed();
  return { ...held, times };
}

describe('a waiter', () => {
  test('asks plainly at first, and enters the queue when the nodes can call it', async () => {
    const { waiter, servers, wait, hearAll } = await heldElsewhere();
    // One node is free, a minority.
    await servers[2]?.steal('r');
    await wait();
    expect(entriesOf(waiter.c, 'acquire')).toEqual([[]]);
    expect(entriesOf(waiter.c, 'release')).toEqual([['=']]);
    await hearAll();
    expect(entriesOf(waiter.c, 'acquire')).toEqual([[], [matching(ENTRY)]]);
    expect(entriesOf(waiter.c, 'release')).toEqual([['='], [matching(`=${ENTRY}`)]]);
  });

  test('releases a try on the nodes that denied it together with its next try', async () => {
    const { waiter, wait, hearAll, runtime } = await heldElsewhere({ ...PATIENT, retryDelay: 100 });
    await wait();
    await hearAll();
    await runtime.advance(260);
    const [, second, third] = waiter.a.given('acquire');
    expect(third?.command.operations).toEqual([
      expect.objectContaining({ verb: 'release', token: second?.token, entries: ['='] }),
      third,
    ]);
  });

  test('releases its last try when it gives up', async () => {
    const { process, runtime } = await heldElsewhere();
    const waiter = process({ retryDelay: 50, retryJitter: 0, wait: 180 });
    const refused = rejectionOf(waiter.redlock.acquire('r', TTL));
    await runtime.advance(1000);
    expect(await refused).toMatchObject({ code: 'RESOURCE_LOCKED' });
    const tokens = (kind: 'acquire' | 'release') => waiter.a.given(kind).map(({ token }) => token);
    // The last one leaves the queue.
    expect(tokens('release').slice(0, -1)).toEqual(tokens('acquire'));
  });

  test('enters the queue at once while the channel of another one is still open', async () => {
    const { join, a, runtime } = await taken();
    const caller = new AbortController();
    const first = rejectionOf(join('first', 'r', { signal: caller.signal }));
    await runtime.advance(100);
    caller.abort(REASON);
    await first;
    const before = a.given('acquire').length;
    void join('second');
    await runtime.advance(0);
    expect(entriesOf(a, 'acquire').slice(before)).toEqual([[matching(ENTRY)]]);
  });

  test('stands in the queue once, however long its round trips have become', async () => {
    const { process, runtime } = threeServers();
    const here = process(PATIENT);
    const kept = await here.redlock.acquire('r', TTL);
    void here.redlock.acquire('r', TTL);
    await runtime.advance(100);
    for (const node of here.nodes) node.mode = after(runtime, 50);
    void kept.release({ keepFor: TTL });
    await runtime.advance(1000);
    for (const node of here.nodes) node.mode = 'answer';
    expect(await here.redlock.inspect('r')).toMatchObject({ waiting: 1 });
  });

  test('keeps the ticket that it was given', async () => {
    const { waiter, wait, hearAll, runtime } = await heldElsewhere({ ...PATIENT, retryDelay: 100 });
    await wait();
    await hearAll();
    await runtime.advance(2000);
    const tickets = entriesOf(waiter.a, 'acquire').flatMap(
      ([entry = '']) => entry.split(':')[0] ?? [],
    );
    expect(tickets.length).toBeGreaterThan(5);
    expect(new Set(tickets.slice(2)).size).toBe(1);
    expect(Number(tickets[2])).toBeGreaterThan(0);
  });

  test('enters the queue all the same where it cannot be called, and is passed over', async () => {
    const { process, lock, runtime } = await heldElsewhere();
    const deaf = process({ retryDelay: 100, retryJitter: 0, wait: Infinity, subscribers: 0 });
    let got: Lock | undefined;
    void deaf.redlock.acquire('r', TTL).then((granted) => (got = granted));
    await runtime.advance(150);
    expect(await deaf.redlock.inspect('r')).toMatchObject({ waiting: 1 });
    await lock.release();
    await runtime.advance(0);
    for (const { server } of deaf.nodes) expect(await server.holderOf('r')).toBeNull();
    await runtime.advance(100);
    expect(got).toBeDefined();
  });
});

describe('a withdrawal', () => {
  test('calls the next if the votes were split', async () => {
    const { waiter, servers, wait, hearAll, runtime } = await heldElsewhere();
    await wait();
    await hearAll();
    for (const node of waiter.nodes) node.unsubscribed();
    for (const [index, server] of servers.entries()) {
      await server.steal('r', index === 0 ? undefined : `contender-${index}`);
    }
    for (const node of waiter.nodes) node.subscribed();
    await runtime.advance(0);
    expect(entriesOf(waiter.a, 'release').at(-1)).toEqual([matching(`\\+${ENTRY}`)]);
  });

  test('has the pauses of split votes from the third in a row on, whatever one node calls meanwhile', async () => {
    const { waiter, runtime, times } = await alwaysSplit();
    for (let ms = 0; ms < 300; ms++) {
      call(waiter.b);
      await runtime.advance(1);
    }
    const intervals = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    const [first = 0, second = 0, ...paused] = intervals;
    expect(Math.max(first, second)).toBeLessThan(40);
    expect(paused.length).toBeGreaterThan(1);
    expect(Math.min(...paused)).toBeGreaterThan(40);
  });

  test('has them also if it hears one node only, which calls when the withdrawal is over', async () => {
    const { waiter, runtime, times } = await alwaysSplit();
    for (const node of [waiter.a, waiter.c]) node.unsubscribed();
    await runtime.advance(1);
    times.length = 0;
    for (let ms = 0; ms < 1000; ms++) {
      call(waiter.b);
      await runtime.advance(1);
    }
    // Of up to 8 round trips, and up to 16, 32 and 64.
    expect(times.length).toBeLessThan(10);
  });

  test('asks in such a pause when a quorum of nodes calls, which keeps the key for it', async () => {
    const { waiter, servers, runtime, times, got } = await alwaysSplit();
    while (times.length < 3) {
      call(waiter.b);
      await runtime.advance(1);
    }
    await runtime.advance(15);
    const [first, second] = servers;
    // What is released is kept for the waiter, which is called.
    await first?.steal('r');
    await runtime.advance(5);
    expect(times).toHaveLength(3);
    await second?.steal('r');
    await runtime.advance(10);
    expect(times).toHaveLength(4);
    expect(got()).toBeDefined();
  });
});

describe('a first try whose votes are split', () => {
  test('is followed by one that enters the queue as soon as nodes can call, not by pauses', async () => {
    const { waiter, servers, wait, hearAll, runtime } = await heldElsewhere();
    runtime.chance = 1;
    for (const [index, server] of servers.entries()) await server.steal('r', `contender-${index}`);
    for (const node of waiter.nodes) node.mode = after(runtime, 1000);
    await wait();
    await runtime.advance(1000);
    await hearAll();
    await runtime.advance(2000);
    expect(entriesOf(waiter.a, 'acquire')).toEqual([[], [expect.stringMatching(/:called:/)]]);
  });

  test('is followed by others after random pauses where nodes cannot call', async () => {
    const { process, servers, runtime } = await heldElsewhere();
    runtime.chance = 0.25;
    const deaf = process({ retryDelay: 50_000, retryJitter: 0, wait: Infinity, subscribers: 0 });
    for (const [index, server] of servers.entries()) await server.steal('r', `contender-${index}`);
    for (const node of deaf.nodes) node.mode = after(runtime, 10);
    const times: number[] = [];
    deaf.a.mode = (command) => {
      if (command.does('acquire')) times.push(runtime.now());
      after(runtime, 10)(command);
    };
    void deaf.redlock.acquire('r', TTL);
    await runtime.advance(300);
    const intervals = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(intervals.slice(0, 3)).toEqual([10 + 20, 10 + 40, 10 + 80]);
  });
});

describe('an attempt during which a node calls', () => {
  test('does not wait for a node that answers nothing, but is followed by another', async () => {
    const { holder, lock, waiter, wait, hearAll, got, runtime } = await heldElsewhere();
    await wait();
    await hearAll();
    waiter.c.mode = 'hold';
    holder.b.mode = 'hold';
    void lock.release();
    await runtime.advance(0);
    // It has one node, another has denied it, and the third one is silent.
    expect(got()).toBeUndefined();
    holder.b.answer();
    await runtime.advance(20);
    expect(got()).toBeDefined();
  });
});

describe('the last who gives up', () => {
  test('leaves the queue on all nodes', async () => {
    const { join, nodes, redlock, runtime } = await taken();
    const callers = [new AbortController(), new AbortController()];
    const given = callers.map(({ signal }) => rejectionOf(join('waiter', 'r', { signal })));
    await runtime.advance(100);
    callers[0]?.abort(REASON);
    await runtime.advance(0);
    expect(await redlock.inspect('r')).toMatchObject({ waiting: 1 });
    callers[1]?.abort(REASON);
    await Promise.all(given);
    await runtime.advance(0);
    expect(await redlock.inspect('r')).toMatchObject({ waiting: 0 });
    for (const node of nodes) {
      expect(entriesOf(node, 'release').at(-1)).toEqual([matching(`-${MEMBER}`)]);
    }
  });

  test('leaves the queue on all nodes also because the Redlock is closed', async () => {
    const { join, nodes, redlock, process, runtime } = await taken();
    const given = ['one', 'two'].map((name) => rejectionOf(join(name)));
    await runtime.advance(100);
    const [closed] = await Promise.all([redlock.close(), ...given, runtime.advance(0)]);
    expect(closed).toBeUndefined();
    for (const node of nodes) {
      expect(entriesOf(node, 'release').at(-1)).toEqual([matching(`-${MEMBER}`)]);
    }
    expect(await process().redlock.inspect('r')).toMatchObject({ waiting: 0 });
  });

  test('leaves the queue that it entered before any channel was open', async () => {
    const { process, servers, runtime } = threeServers();
    const here = process({ ...PATIENT, retryDelay: 100 });
    for (const server of servers) await server.steal('r', 'another');
    for (const node of here.nodes.slice(1)) node.mode = new Error('no');
    const caller = new AbortController();
    const given = rejectionOf(here.redlock.acquire('r', TTL, { signal: caller.signal }));
    await runtime.advance(50);
    for (const node of here.nodes) {
      node.mode = 'answer';
      node.subscribing = 'hold';
    }
    await runtime.advance(60);
    expect(await here.redlock.inspect('r')).toMatchObject({ waiting: 1 });
    caller.abort(REASON);
    await given;
    await runtime.advance(0);
    expect(await here.redlock.inspect('r')).toMatchObject({ waiting: 0 });
  });

  test.each([
    { end: 'detached', act: async (lock: Lock) => lock.detach() },
    { end: 'released with keepFor', act: async (lock: Lock) => lock.release({ keepFor: TTL }) },
  ])('leaves the queue of a node that denied the lock when that is $end', async ({ act }) => {
    const { process, servers, runtime } = threeServers();
    const here = process({ ...PATIENT, retryDelay: 100 });
    for (const server of servers) await server.steal('r', 'another');
    const acquiring = here.redlock.acquire('r', TTL);
    await runtime.advance(100);
    for (const server of servers.slice(1)) await server.steal('r');
    await runtime.advance(1000);
    const lock = await acquiring;
    expect(await here.redlock.inspect('r')).toMatchObject({ waiting: 1 });
    await act(lock);
    await runtime.advance(0);
    expect(await here.redlock.inspect('r')).toMatchObject({ waiting: 0 });
  });

  test('sends nothing if it has never been in the queue', async () => {
    const { join, nodes, runtime } = crowd();
    await join('holder');
    const caller = new AbortController();
    const given = rejectionOf(join('waiter', 'r', { signal: caller.signal }));
    await runtime.advance(100);
    const before = nodes.map(({ commands }) => commands.length);
    caller.abort(REASON);
    await given;
    await runtime.advance(0);
    expect(nodes.map(({ commands }) => commands.length)).toEqual(before);
  });

  test('sends nothing if it gives up because it has the lock', async () => {
    const { join, set, a, runtime } = await taken();
    const lock = join('waiter');
    await runtime.advance(100);
    await set();
    await runtime.advance(0);
    await lock;
    expect(a.operations.at(-1)?.verb).toBe('acquire');
  });
});

/** Nobody here waits any more, and the channel is still open. */
async function lingering() {
  const { process, runtime, servers } = threeServers();
  const here = process(PATIENT);
  for (const server of servers) await server.steal('r', 'another');
  const caller = new AbortController();
  const given = rejectionOf(here.redlock.acquire('r', TTL, { signal: caller.signal }));
  await runtime.advance(100);
  caller.abort(REASON);
  await given;
  await runtime.advance(0);
  const [subscription] = here.b.subscriptions;
  if (!subscription) throw new Error('It does not listen');
  return { ...here, runtime, servers, subscription };
}

describe('a call', () => {
  test('that nobody here wants is passed on, by the node that called', async () => {
    const { nodes, b, subscription, runtime } = await lingering();
    const before = nodes.map(({ commands }) => commands.length);
    subscription.tell('called');
    await runtime.advance(0);
    const sent = nodes.map((node, index) => node.commands.length - (before[index] ?? 0));
    expect(sent).toEqual([0, 1, 0]);
    expect(entriesOf(b, 'release').at(-1)).toEqual([matching(`-${MEMBER}`)]);
  });

  test('for a lock that this process holds is not passed on', async () => {
    const { redlock, servers, nodes, subscription, runtime } = await lingering();
    for (const server of servers) await server.steal('r');
    await redlock.acquire('r', TTL);
    const before = nodes.map(({ commands }) => commands.length);
    subscription.tell('called');
    await runtime.advance(0);
    expect(nodes.map(({ commands }) => commands.length)).toEqual(before);
  });

  test('is answered by nobody when the Redlock is closed', async () => {
    const { redlock, nodes, subscription, runtime } = await lingering();
    await redlock.close();
    const before = nodes.map(({ commands }) => commands.length);
    subscription.tell('called');
    await runtime.advance(0);
    expect(nodes.map(({ commands }) => commands.length)).toEqual(before);
  });
});

test('a release takes the process out of a queue in which it may stand', async () => {
  const { join, leave, set, nodes, runtime } = await taken();
  void join('waiter');
  await runtime.advance(100);
  await set();
  await runtime.advance(0);
  await leave('waiter');
  for (const node of nodes) {
    expect(entriesOf(node, 'release').at(-1)).toEqual([matching(`-${MEMBER}`)]);
  }
});
