import { expect, test } from '@jest/globals';
import { type Lock, Redlock, ResourceLockedError } from 'redlock-core';
import { memoryNode } from 'redlock-core/memory';
import { ioredisNode } from 'redlock-ioredis-adapter';

test('takes a lock', async () => {
  const redlock = new Redlock([memoryNode({ name: 'memory' })]);
  const lock: Lock = await redlock.acquire('ts-jest', 1000);
  const refused: unknown = await redlock
    .acquire('ts-jest', 1000, { wait: 0 })
    .catch((error) => error);
  expect(ResourceLockedError.is(refused)).toBe(true);
  expect(typeof ioredisNode).toBe('function');
  expect(await lock.release()).toBe(true);
  await redlock.close();
});
