const { Redlock } = require('redlock-core');
const { memoryNode } = require('redlock-core/memory');

beforeEach(() => {
  jest.useFakeTimers();
});

test('a lock is taken while time stands, and is over when its ttl has passed', async () => {
  const redlock = new Redlock(['a', 'b', 'c'].map((name) => memoryNode({ name })));
  const lock = await redlock.acquire('jest', 60_000);
  const { signal } = lock;
  jest.advanceTimersByTime(61_000);
  expect(lock.remaining()).toBe(0);
  expect(signal.aborted).toBe(true);
  const next = await redlock.acquire('jest', 60_000, { wait: 0 });
  expect(await next.release()).toBe(true);
  await redlock.close();
});
