import { Redlock } from 'redlock-core';
import { memoryNode } from 'redlock-core/memory';
import { expect, test, vi } from 'vitest';

test.each([undefined, ['queueMicrotask', 'setImmediate', 'setTimeout', 'Date']])(
  'a lock is taken while time stands, and is over when its ttl has passed (%s)',
  async (toFake) => {
    vi.useFakeTimers({ toFake });
    const redlock = new Redlock(['a', 'b', 'c'].map((name) => memoryNode({ name })));
    const lock = await redlock.acquire('vitest', 60_000);
    vi.advanceTimersByTime(61_000);
    expect(lock.remaining()).toBe(0);
    const next = await redlock.acquire('vitest', 60_000, { wait: 0 });
    expect(await next.release()).toBe(true);
    await redlock.close();
    vi.useRealTimers();
  },
);
