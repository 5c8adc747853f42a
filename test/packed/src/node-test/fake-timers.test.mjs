import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { Redlock } from 'redlock-core';
import { memoryNode } from 'redlock-core/memory';

test('a lock is taken while time stands, and is over when its ttl has passed', async () => {
  mock.timers.enable({ apis: ['Date', 'setImmediate', 'setInterval', 'setTimeout'] });
  const redlock = new Redlock(['a', 'b', 'c'].map((name) => memoryNode({ name })));
  const lock = await redlock.acquire('node:test', 60_000);
  mock.timers.tick(61_000);
  assert.equal(lock.remaining(), 0);
  const next = await redlock.acquire('node:test', 60_000, { wait: 0 });
  assert.equal(await next.release(), true);
  await redlock.close();
  mock.timers.reset();
});
