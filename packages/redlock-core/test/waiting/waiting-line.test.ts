import { getEventListeners } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import type { Verb } from '../support/command.js';
import { crowd, NAMES, PATIENT, taken, TTL } from './support/crowd.js';
import { settle } from '../support/settle.js';
import { waitElsewhere } from './support/wait-elsewhere.js';
import type { TestNode } from '../support/test-node.js';

const CHANNEL: unknown = expect.stringMatching(/^r:called:./);

function kindsOf(node: TestNode, from = 0): Verb[][] {
  return node.commands.slice(from).map(({ operations }) => operations.map(({ verb }) => verb));
}

describe('who waits in one process', () => {
  test('is served in the order of arrival', async () => {
    const { join, leave, served, runtime } = crowd();
    for (const name of NAMES(6)) void join(name);
    await runtime.advance(0);
    for (const name of NAMES(6)) await leave(name);
    expect(served).toEqual(NAMES(6));
  });

  test('asks nothing while a lock of this process holds, after one refusal, however many wait', async () => {
    const { join, leave, nodes, grants, served, runtime } = crowd();
    await join('holder');
    for (const name of NAMES(20)) void join(name);
    await runtime.advance(80_000);
    expect(grants()).toBe(2);
    for (const node of nodes) expect(node.subscriptions).toEqual([]);
    await leave('holder');
    expect(grants()).toBe(3);
    expect(served).toEqual(['holder', 'n0']);
    await runtime.advance(10_000);
    expect(grants()).toBe(3);
  });

  test('asks through the first only, while others hold', async () => {
    const one = await taken();
    void one.join('n0');
    const many = await taken();
    for (const name of NAMES(20)) void many.join(name);
    for (const { runtime } of [one, many]) await runtime.advance(200_000);
    expect(one.grants()).toBeGreaterThan(2);
    expect(many.grants()).toBe(one.grants());
    for (const node of many.nodes) expect(node.subscribedTo).toEqual([CHANNEL]);
  });

  test('is handed the lock in the command of the release, behind it, and nobody else is called', async () => {
    const { process, join, leave, nodes, runtime, served } = crowd();
    await join('holder');
    const elsewhere = process(PATIENT);
    void elsewhere.redlock.acquire('r', TTL);
    void join('next');
    await runtime.advance(100);
    const before = nodes.map(({ commands }) => commands.length);
    await leave('holder');
    expect(served).toEqual(['holder', 'next']);
    for (const [index, node] of nodes.entries()) {
      expect(kindsOf(node, before[index])).toEqual([['release', 'acquire']]);
    }
    for (const { subscriptions } of elsewhere.nodes) {
      expect(subscriptions.map(({ messages }) => messages)).toEqual([[]]);
    }
    await leave('next');
    for (const { subscriptions } of elsewhere.nodes) {
      expect(subscriptions.map(({ messages }) => messages.length)).toEqual([1]);
    }
  });

  test('is handed the lock in one command also when a timer releases it', async () => {
    const { join, a, runtime } = crowd();
    const lock = await join('holder');
    void join('next');
    await runtime.advance(100);
    const before = a.commands.length;
    setImmediate(() => void lock.release());
    await settle();
    expect(kindsOf(a, before)).toEqual([['release', 'acquire']]);
  });

  test('is next also when its first try is still under way', async () => {
    const { join, leave, nodes, served, runtime } = crowd();
    for (const node of nodes) node.subscribing = 'hold';
    await join('holder');
    for (const node of nodes) node.mode = 'hold';
    void join('next');
    await runtime.advance(0);
    for (const node of nodes) for (const command of node.unanswered) command.execute();
    const leaving = leave('holder');
    await runtime.advance(10);
    for (const node of nodes) node.answer();
    await leaving;
    expect(served).toEqual(['holder', 'next']);
  });

  test('is next when a lock of this process is lost', async () => {
    const { redlock, join, served, runtime } = crowd();
    await redlock.acquire('r', 1000);
    void join('next');
    await runtime.advance(1000 - 12 - 1);
    expect(served).toEqual([]);
    await runtime.advance(1);
    expect(served).toEqual(['next']);
  });

  test('knows its holder from one whose end is noticed late, as after a suspension', async () => {
    const { join, redlock, servers, nodes, grants, runtime } = crowd();
    const lost = await redlock.acquire('r', 1000);
    runtime.suspend(5000);
    for (const server of servers) await server.steal('r');
    expect(await redlock.tryAcquire('r', TTL)).not.toBeNull();
    void join('next');
    await runtime.advance(0);
    const before = grants();
    await runtime.advance(1000);
    expect(lost.signal.aborted).toBe(true);
    expect(grants()).toBe(before);
    for (const node of nodes) expect(node.subscriptions).toEqual([]);
  });

  test('does not stand in the way of wait 0 and tryAcquire, nor they in the line', async () => {
    const { join, redlock, set, nodes, grants, runtime, served } = await taken();
    void join('first');
    await runtime.advance(100);
    const before = grants();
    expect(await rejectionOf(redlock.acquire('r', TTL, { wait: 0 }))).toMatchObject({
      code: 'RESOURCE_LOCKED',
    });
    expect(await redlock.tryAcquire('r', TTL)).toBeNull();
    expect(grants()).toBe(before + 2);
    // Nobody hears the call, so the key is reserved for nobody.
    for (const node of nodes) node.unsubscribed();
    await set();
    expect(await redlock.tryAcquire('r', TTL)).not.toBeNull();
    expect(served).toEqual([]);
  });
});

describe('time that ends in line', () => {
  test("rejects on time, with the latest attempt's error and votes", async () => {
    const { join, set, nodes, grants, runtime } = await taken();
    const first = join('first', 'r', { wait: 900 });
    let error: unknown;
    void rejectionOf(join('second', 'r', { wait: 300 })).then((reason) => (error = reason));
    await runtime.advance(299);
    expect(error).toBeUndefined();
    const before = grants();
    await runtime.advance(1);
    expect(error).toMatchObject({
      code: 'RESOURCE_LOCKED',
      resources: ['r'],
      votes: [
        { node: 'a', vote: 'denied' },
        { node: 'b', vote: 'denied' },
      ],
    });
    expect(grants()).toBe(before);
    await set();
    for (const node of nodes) node.subscribed();
    await runtime.advance(0);
    expect((await first).remaining()).toBeGreaterThan(0);
  });

  test('rejects with QuorumError where the latest attempt did', async () => {
    const { join, nodes, runtime } = crowd({ ...PATIENT, retryDelay: 100 });
    for (const node of nodes) node.mode = new Error('connect ECONNREFUSED 127.0.0.1:6379');
    const first = rejectionOf(join('first', 'r', { wait: 600 }));
    const second = rejectionOf(join('second', 'r', { wait: 300 }));
    await runtime.advance(300);
    expect(await second).toMatchObject({ code: 'QUORUM_UNAVAILABLE' });
    await runtime.advance(300);
    expect(await first).toMatchObject({ code: 'QUORUM_UNAVAILABLE' });
  });

  test('without an attempt to tell of waits for the one that is under way', async () => {
    const { join, nodes, runtime } = await taken();
    for (const node of nodes) node.mode = 'hold';
    const first = rejectionOf(join('first', 'r', { wait: 900 }));
    let error: unknown;
    void rejectionOf(join('second', 'r', { wait: 100 })).then((reason) => (error = reason));
    await runtime.advance(500);
    expect(error).toBeUndefined();
    for (const node of nodes) node.answer();
    await runtime.advance(0);
    expect(error).toMatchObject({ code: 'RESOURCE_LOCKED', votes: [{}, {}] });
    await runtime.advance(900);
    await first;
  });
});

const REASON = new Error('no longer wanted');
const CLOSED = { name: 'RedlockError', code: 'CLOSED', resources: ['r'] };

/** The lock goes round in this process until the line stands back, with these behind. */
async function standingBack(behind: (join: ReturnType<typeof crowd>['join']) => void) {
  const all = crowd();
  await all.join('n0');
  await waitElsewhere(all.servers, 1);
  for (const name of NAMES(17).slice(1)) void all.join(name).then((lock) => lock.release());
  behind(all.join);
  await all.runtime.advance(10);
  await all.leave('n0');
  await all.runtime.advance(249);
  expect(all.served).toEqual(NAMES(17));
  return all;
}

describe('an abort', () => {
  test('in line rejects with its reason and leaves no place, no timer and no listener', async () => {
    const { join, leave, served, runtime } = crowd();
    await join('holder');
    void join('first');
    const caller = new AbortController();
    const second = rejectionOf(join('second', 'r', { signal: caller.signal }));
    void join('third');
    await runtime.advance(100);
    const timers = runtime.pending.length;
    expect(getEventListeners(caller.signal, 'abort')).toHaveLength(1);
    caller.abort(REASON);
    expect(await second).toBe(REASON);
    expect(getEventListeners(caller.signal, 'abort')).toEqual([]);
    expect(runtime.pending).toHaveLength(timers - 1);
    await leave('holder');
    await leave('first');
    expect(served).toEqual(['holder', 'first', 'third']);
  });

  test('asleep leaves no timer, and no subscription but for a second; the next asks', async () => {
    const { join, nodes, grants, runtime } = await taken();
    const [one, other] = [new AbortController(), new AbortController()];
    const first = rejectionOf(join('first', 'r', { signal: one.signal }));
    const second = rejectionOf(join('second', 'r', { signal: other.signal }));
    await runtime.advance(100);
    const before = grants();
    one.abort(REASON);
    expect(await first).toBe(REASON);
    await runtime.advance(100);
    expect(grants()).toBeGreaterThan(before);
    other.abort(REASON);
    expect(await second).toBe(REASON);
    expect(runtime.holding).toEqual([]);
    for (const node of nodes) expect(node.subscribedTo).toEqual([CHANNEL]);
    await runtime.advance(1000);
    expect(runtime.pending).toEqual([]);
    for (const { signal } of [one, other]) expect(getEventListeners(signal, 'abort')).toEqual([]);
    for (const node of nodes) {
      expect(node.subscribedTo).toEqual([]);
      expect(node.subscriptions).toHaveLength(1);
    }
  });

  test('while the line stands back: the next is served, no earlier', async () => {
    const caller = new AbortController();
    let aborted: Promise<unknown> = Promise.resolve();
    const { served, runtime } = await standingBack((join) => {
      aborted = rejectionOf(join('aborted', 'r', { signal: caller.signal }));
      void join('next');
    });
    caller.abort(REASON);
    expect(await aborted).toBe(REASON);
    await settle();
    expect(served).toEqual(NAMES(17));
    await runtime.advance(1);
    expect(served).toEqual([...NAMES(17), 'next']);
    expect(getEventListeners(caller.signal, 'abort')).toEqual([]);
  });

  test('in the moment of its turn passes the turn on', async () => {
    const { join, leave, served, runtime } = crowd();
    await join('holder');
    const caller = new AbortController();
    const first = rejectionOf(join('first', 'r', { signal: caller.signal }));
    void join('second');
    await runtime.advance(100);
    const leaving = leave('holder');
    caller.abort(REASON);
    expect(await first).toBe(REASON);
    await leaving;
    expect(served).toEqual(['holder', 'second']);
  });
});

describe('close()', () => {
  test('rejects who stands in line or is asleep, and leaves no timer and no subscription', async () => {
    const { join, redlock, nodes, runtime } = await taken();
    const waiting = NAMES(3).map((name) => rejectionOf(join(name)));
    await runtime.advance(100);
    for (const node of nodes) expect(node.subscribedTo).toEqual([CHANNEL]);
    await redlock.close();
    for (const error of waiting) expect(await error).toMatchObject(CLOSED);
    // The last releases are answered.
    await runtime.advance(5);
    expect(runtime.pending).toEqual([]);
    for (const node of nodes) expect(node.subscribedTo).toEqual([]);
  });

  test('leaves no timer while the line stands back', async () => {
    let waiting: Promise<unknown> = Promise.resolve();
    const { redlock, runtime } = await standingBack((join) => {
      waiting = rejectionOf(join('next'));
    });
    await redlock.close();
    expect(await waiting).toMatchObject(CLOSED);
    expect(runtime.pending).toEqual([]);
  });
});
