import { expect, jest } from '@jest/globals';
import { type Lock, LockLostError, type Redlock } from 'redlock-core';
import { pace, rejectionOf, until } from 'test-kit';
import { PREFIX, type RestrictedNodes } from './restricted-nodes.js';
import { PING_INTERVAL } from './restrictions.js';

const TTL = 60_000;

/** Two Redlocks with clients of their own, as in two processes, and their nodes. */
export interface Fixture {
  readonly holder: Redlock;
  readonly other: Redlock;
  /** Has the same nodes as `other`. */
  readonly beside: Redlock;
  readonly nodes: RestrictedNodes;
  /** Whether waiters are notified of releases. Otherwise they poll. */
  readonly woken: boolean;
  /** Whether locks may be shared. */
  readonly shares: boolean;
}

/** All uses of a Redlock. Each use has its own resources, so all of them can run at once. */
export const uses: Readonly<Record<string, (fixture: Fixture) => Promise<void>>> = {
  async 'locks exclude each other'({ holder, other, nodes }) {
    const lock = await holder.acquire('r', TTL);
    expect(await other.tryAcquire('r', TTL)).toBeNull();
    expect(await lock.release()).toBe(true);
    await nodes.hold('r', null);
    expect(await other.using('r', TTL, () => 'done')).toBe('done');
  },

  async 'a lock of several resources is all or nothing'({ holder, other }) {
    const lock = await holder.acquire('taken', TTL);
    expect(await other.tryAcquire(['free', 'taken'], TTL)).toBeNull();
    await released(await holder.acquire('free', TTL));
    await released(lock);
    await released(await other.acquire(['free', 'taken'], TTL));
  },

  async 'a release is followed by the next waiter'({ holder, other, nodes, woken }) {
    const lock = await holder.acquire('awaited', TTL);
    const waiting = attended(other.acquire('awaited', TTL));
    if (woken) await isSubscribed(nodes);
    await released(lock);
    const start = performance.now();
    await released(await waiting);
    expect(performance.now() - start).toBeLessThan(pace.prompt);
  },

  async 'a permit that is released goes to the next waiter'({ holder, other }) {
    const seats = holder.semaphore('seats', 2);
    const locks = [await seats.acquire(TTL), await seats.acquire(TTL)];
    const waiting = attended(other.semaphore('seats', 2).acquire(TTL));
    await until('it waits or polls', async () => {
      const { waiting: processes, held } = await seats.inspect();
      return processes > 0 || held === 2;
    });
    for (const lock of locks) await released(lock);
    await released(await waiting);
  },

  async 'one of two Redlocks over the same nodes waits no longer'(fixture) {
    const { holder, other, beside, nodes, woken } = fixture;
    if (!woken) return;
    const lock = await holder.acquire('two', TTL);
    const waiting = attended(other.acquire('two', TTL));
    const abort = new AbortController();
    const ending = attended(beside.acquire('two', TTL, { signal: abort.signal }));
    await isSubscribed(nodes, 2);
    abort.abort();
    await expect(ending).rejects.toBe(abort.signal.reason);
    await isSubscribed(nodes, 1);
    await released(lock);
    await released(await waiting);
  },

  async 'a waiter pings the nodes that it is subscribed to'({ holder, other, nodes, woken }) {
    if (!woken) return;
    const lock = await holder.acquire('silent', TTL);
    const waiting = attended(other.acquire('silent', TTL));
    await isSubscribed(nodes);
    const before = await nodes.pings();
    jest.advanceTimersByTime(PING_INTERVAL);
    await until('all nodes are pinged', async () => {
      return (await nodes.pings()).every((pings, i) => pings > (before[i] ?? 0));
    });
    await released(lock);
    await released(await waiting);
  },

  async 'a lock is extended'({ holder, nodes }) {
    const lock = await holder.acquire('extended', TTL);
    await nodes.hold('extended', lock.token);
    await lock.extend(2 * TTL);
    expect(lock.remaining()).toBeGreaterThan(TTL);
    await until('all nodes have extended it', async () => {
      const left = await Promise.all(nodes.probes.map((probe) => probe.pttl(PREFIX + 'extended')));
      return left.every((ms) => ms > TTL);
    });
    await released(lock);
  },

  async 'readers share a lock, and a writer is called after the last of them'(fixture) {
    const { holder, other, nodes, shares } = fixture;
    if (!shares) return;
    const readers = [
      await holder.acquire('read', TTL, { mode: 'shared' }),
      await other.acquire('read', TTL, { mode: 'shared' }),
    ];
    expect(await other.tryAcquire('read', TTL)).toBeNull();
    const writing = attended(other.acquire('read', TTL));
    await isSubscribed(nodes);
    await until('it is queued', async () => {
      return (await other.inspect('read')).waiting === 1;
    });
    expect(await holder.tryAcquire('read', TTL, { mode: 'shared' })).toBeNull();
    await readers[0]?.extend();
    for (const reader of readers) await released(reader);
    await released(await writing);
    const read = await holder.acquire('read again', TTL, { mode: 'shared' });
    expect(await read.release({ keepFor: TTL })).toBe(true);
  },

  async 'a released lock is kept for a while'({ holder, other, nodes }) {
    const lock = await holder.acquire('kept', TTL);
    expect(await lock.release({ keepFor: TTL })).toBe(true);
    expect(await other.tryAcquire('kept', TTL)).toBeNull();
    expect(await nodes.values('kept')).not.toContain(lock.token);
  },

  async 'a lock is adopted'({ holder, other }) {
    const lock = await holder.acquire('adopted', TTL);
    const { token } = lock;
    lock.detach();
    expect(LockLostError.is(await rejectionOf(other.adopt('adopted', 'another', TTL)))).toBe(true);
    await released(await other.adopt('adopted', token, TTL));
  },

  async 'a lock is inspected'({ holder, other, nodes }) {
    const lock = await holder.acquire('inspected', TTL);
    await nodes.hold('inspected', lock.token);
    const { nodes: seen } = await other.inspect('inspected');
    expect(seen.map(({ token }) => token)).toEqual(Array(3).fill(lock.token));
    await released(lock);
  },

  async 'a lock is put back on a node that lacks it'({ holder, nodes }) {
    const lock = await holder.acquire('healed', TTL);
    await nodes.hold('healed', lock.token);
    await nodes.probes[0]?.del(`${PREFIX}healed`);
    await lock.extend();
    await nodes.hold('healed', lock.token);
    await released(lock);
  },

  async 'nodes whose fencing counters differ agree on a token'({ holder, nodes }) {
    const now = Date.now() * 1000;
    // Each node is further ahead of the client than the one before.
    await Promise.all(
      nodes.probes.map((probe, i) =>
        probe.set(`{${PREFIX}confirmed}:fencing`, now + (i + 1) * 300_000, 'PX', TTL),
      ),
    );
    await released(await holder.acquire('confirmed', TTL));
  },
};

/** Handles the rejection of a call that nothing awaits any more when its use has failed. */
function attended(waiting: Promise<Lock>): Promise<Lock> {
  waiting.catch(() => {});
  return waiting;
}

async function released(lock: Lock): Promise<void> {
  expect(await lock.release()).toBe(true);
}

/** Waits until `other`, or both that wait, are subscribed on every node. Each has one channel for all its waiters. */
async function isSubscribed(nodes: RestrictedNodes, count?: 1 | 2): Promise<void> {
  await until(`${count ?? 'some'} Redlocks are subscribed`, async () => {
    return (await nodes.listeners()).every((listeners) =>
      count === undefined ? listeners > 0 : listeners === count,
    );
  });
}
