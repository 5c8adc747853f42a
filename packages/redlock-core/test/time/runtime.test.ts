import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { Redlock, ResourceLockedError } from 'redlock-core';
import { memoryNode } from 'redlock-core/memory';

const MINUTE = 60_000;

function nodes() {
  return ['a', 'b', 'c'].map((name) => memoryNode({ name }));
}

afterEach(() => {
  jest.useRealTimers();
});

describe("under Jest's fake timers", () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });

  test('a lock is taken, extended and released while the clock stands still', async () => {
    await using redlock = new Redlock(nodes());
    const lock = await redlock.acquire('r', MINUTE);
    await lock.extend();
    expect(await redlock.tryAcquire('r', MINUTE)).toBeNull();
    expect(await lock.release()).toBe(true);
    expect(await redlock.using('r', MINUTE, () => 'done')).toBe('done');
  });

  test('past its ttl a lock is lost to its holder and free for others', async () => {
    const set = nodes();
    await using redlock = new Redlock(set);
    await using other = new Redlock(set);
    const lost = jest.fn();
    const lock = await redlock.on('lost', lost).acquire('r', MINUTE);
    const { signal } = lock;
    jest.advanceTimersByTime(61_000);
    expect([lock.remaining(), signal.aborted, lost.mock.calls.length]).toEqual([0, true, 1]);
    await using next = await other.acquire('r', MINUTE, { wait: 0 });
    expect(next.fencingToken).toBeGreaterThan(lock.fencingToken);
  });

  test('short of its ttl it is held, and the nodes agree', async () => {
    await using redlock = new Redlock(nodes());
    const lock = await redlock.acquire('r', MINUTE);
    jest.advanceTimersByTime(59_000);
    expect(lock.remaining()).toBeGreaterThan(0);
    expect(await redlock.tryAcquire('r', MINUTE)).toBeNull();
    await lock.release();
  });

  test('automatic extension goes on as time is advanced', async () => {
    await using redlock = new Redlock(nodes());
    const lock = await redlock.acquire('r', 10_000, { autoExtend: true });
    await jest.advanceTimersByTimeAsync(MINUTE);
    expect(lock.remaining()).toBeGreaterThan(0);
    expect(await lock.release()).toBe(true);
  });

  test('who waits has the lock when the ttl of the holder is over', async () => {
    await using redlock = new Redlock(nodes());
    const holder = await redlock.acquire('r', 3000);
    const waiting = redlock.acquire('r', MINUTE, { wait: 5000 });
    holder.detach();
    await jest.advanceTimersByTimeAsync(4000);
    await using lock = await waiting;
    expect(lock.remaining()).toBeGreaterThan(50_000);
  });

  test('who waits in vain is told when `wait` is over', async () => {
    const set = nodes();
    await using redlock = new Redlock(set);
    await using other = new Redlock(set);
    const held = await other.acquire('r', MINUTE);
    const refused = rejectionOf(redlock.acquire('r', MINUTE, { wait: 5000 }));
    await jest.advanceTimersByTimeAsync(6000);
    expect(ResourceLockedError.is(await refused)).toBe(true);
    await held.release();
  });
});

describe('a clock that jumps makes no node look restarted', () => {
  const jumps: Record<string, () => unknown> = {
    'timers are advanced': () => jest.advanceTimersByTime(61_000),
    'the date is set forward': () => jest.setSystemTime(Date.now() + 61_000),
    'the date is set back': () => jest.setSystemTime(0),
    'timers are faked from now on': () => jest.useFakeTimers(),
    'timers are faked from now on, from 1970': () => jest.useFakeTimers({ now: 0 }),
  };

  test.each(Object.keys(jumps))('%s', async (name) => {
    const isFakedBefore = !name.startsWith('timers are faked');
    if (isFakedBefore) jest.useFakeTimers();
    const set = nodes();
    await using redlock = new Redlock(set);
    const quarantined = jest.fn();
    redlock.on('nodeQuarantined', quarantined);
    // Before the nodes are asked who they are, and after.
    jumps[name]?.();
    expect(await (await redlock.acquire('r', MINUTE, { wait: 0 })).release()).toBe(true);
    jest.advanceTimersByTime(61_000);
    expect(await (await redlock.acquire('r', MINUTE, { wait: 0 })).release()).toBe(true);
    await using later = new Redlock(set, { quarantine: 'strict' });
    expect(await (await later.acquire('r', MINUTE, { wait: 0 })).release()).toBe(true);
    expect(quarantined).not.toHaveBeenCalled();
  });

  test('a lock is over for its holder and for the nodes, whichever clock has passed its ttl', async () => {
    jest.useFakeTimers();
    const set = nodes();
    await using redlock = new Redlock(set);
    await using other = new Redlock(set);
    const lock = await redlock.acquire('r', MINUTE);
    jest.setSystemTime(Date.now() + 61_000);
    // The holder has not noticed yet, and has released nothing.
    const next = await other.acquire('r', MINUTE, { wait: 0 });
    expect(lock.remaining()).toBe(0);
    expect(await next.release()).toBe(true);
  });
});
