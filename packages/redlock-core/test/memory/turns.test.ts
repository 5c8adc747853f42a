import { expect, test } from '@jest/globals';
import { memoryNode } from '../../src/memory/node.js';
import { encode } from '../../src/protocol/commands.js';
import { LockKeys } from '../../src/protocol/keys.js';
import { acquire, release } from '../../src/protocol/operations.js';

const MAX_LOOPS = 100_000;

test('a loop of commands to memory nodes lets timers fire', async () => {
  const nodes = [memoryNode(), memoryNode(), memoryNode()];
  const keys = new LockKeys(['a'], true);
  const operations = [acquire(keys, 'one', 1000, 1), release(keys, 'one', 1000)];
  const timer = { hasFired: false };
  setTimeout(() => {
    timer.hasFired = true;
  }, 5);
  let loops = 0;
  while (!timer.hasFired && loops++ < MAX_LOOPS) {
    for (const operation of operations) {
      const { script, args } = encode([[{ operation }]], 1000, false);
      await Promise.all(nodes.map(async (node) => node.call(['eval', script.source, ...args])));
    }
  }
  expect(loops).toBeLessThan(MAX_LOOPS);
});

test('memory nodes without a name have different names', () => {
  expect(memoryNode().name).not.toBe(memoryNode().name);
});
