import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { Redlock, ResourceLockedError } from 'redlock-core';
import { memoryNode } from 'redlock-core/memory';

const MINUTE = 60_000;
const NO_WAIT = { wait: 0 };

function nodes() {
  return ['a', 'b', 'c'].map((name) => memoryNode({ name }));
}

afterEach(() => void jest.useRealTimers());

describe("under Jest's fake timers", () => {
  beforeEach(() => void jest.useFakeTimers());

  test('a lock works while the clock does not move, and is extended as time is advanced', async () => {
    await using redlock = new Redlock(nodes());
    const lock = await redlock.acquire('r', MINUTE, { autoExtend: true });
    await lock.extend();
    expect(await redlock.tryAcquire('r', MINUTE)).toBeNull();
    await jest.advanceTimersByTimeAsync(5 * MINUTE);
    expect(lock.remaining()).toBeGreaterThan(0);
    expect(await lock.release()).toBe(true);
    expect(await redlock.using('r', MINUTE, () => 'done')).toBe('done');
  });

  test('a waiter has the lock when the ttl of the holder has passed, or fails after `wait`', async () => {
    await using redlock = new Redlock(nodes());
    const holder = await redlock.acquire('r', 3000);
    const waiting = redlock.acquire('r', MINUTE, { wait: 5000 });
    holder.detach();
    await jest.advanceTimersByTimeAsync(4000);
    await using lock = await waiting;
    expect(lock.remaining()).toBeGreaterThan(50_000);
    const refused = rejectionOf(redlock.acquire('r', MINUTE, { wait: 5000 }));
    await jest.advanceTimersByTimeAsync(6000);
    expect(ResourceLockedError.is(await refused)).toBe(true);
  });
});

const JUMPS: Record<string, () => unknown> = {
  'advances timers': () => jest.advanceTimersByTime(61_000),
  'sets the date forward': () => jest.setSystemTime(Date.now() + 61_000),
  'sets the date back': () => jest.setSystemTime(0),
  'begins to fake timers': () => jest.useFakeTimers(),
  'begins to fake timers from 1970': () => jest.useFakeTimers({ now: 0 }),
};

test.each(Object.keys(JUMPS))(
  'quarantine: no node looks restarted to a test that %s',
  async (name) => {
    if (!name.startsWith('begins')) jest.useFakeTimers();
    const set = nodes();
    await using redlock = new Redlock(set);
    const quarantined = jest.fn();
    redlock.on('nodeQuarantined', quarantined);
    // Before the nodes are asked who they are, and after.
    JUMPS[name]?.();
    expect(await (await redlock.acquire('r', MINUTE, NO_WAIT)).release()).toBe(true);
    jest.advanceTimersByTime(61_000);
    expect(await (await redlock.acquire('r', MINUTE, NO_WAIT)).release()).toBe(true);
    await using later = new Redlock(set, { quarantine: 'strict' });
    expect(await (await later.acquire('r', MINUTE, NO_WAIT)).release()).toBe(true);
    expect(quarantined).not.toHaveBeenCalled();
  },
);

test('validity: a lock ends for its holder and for the nodes when either clock has passed its ttl', async () => {
  jest.useFakeTimers();
  const set = nodes();
  await using redlock = new Redlock(set);
  await using other = new Redlock(set);
  const lock = await redlock.acquire('r', MINUTE);
  jest.setSystemTime(Date.now() + 61_000);
  // The holder has not noticed yet, and has released nothing.
  const next = await other.acquire('r', MINUTE, NO_WAIT);
  expect(lock.remaining()).toBe(0);
  expect(await next.release()).toBe(true);
});
