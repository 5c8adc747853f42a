import { Redlock, ResourceLockedError } from 'redlock-core';
import { memoryNode } from 'redlock-core/memory';
import { ioredisNode } from 'redlock-ioredis-adapter';
import { expect, test } from 'vitest';

test('takes a lock', async () => {
  const redlock = new Redlock([memoryNode({ name: 'memory' })]);
  const lock = await redlock.acquire('vitest', 1000);
  await expect(redlock.acquire('vitest', 1000, { wait: 0 })).rejects.toThrow(ResourceLockedError);
  expect(typeof ioredisNode).toBe('function');
  expect(await lock.release()).toBe(true);
  await redlock.close();
});
