const { Redlock, ResourceLockedError } = require('redlock-core');
const { memoryNode } = require('redlock-core/memory');
const { ioredisNode, ioredisNodeFromUrl } = require('redlock-ioredis-adapter');
const { iovalkeyNode } = require('redlock-ioredis-adapter/iovalkey');
const { nodeRedisNode } = require('redlock-node-redis-adapter');
const { valkeyGlideNode } = require('redlock-valkey-glide-adapter');

test('takes a lock', async () => {
  const redlock = new Redlock([memoryNode({ name: 'memory' })]);
  const lock = await redlock.acquire('jest', 1000);
  const refused = await redlock.acquire('jest', 1000, { wait: 0 }).catch((error) => error);
  expect(refused).toBeInstanceOf(ResourceLockedError);
  expect(await lock.release()).toBe(true);
  await redlock.close();
});

test('loads every adapter', async () => {
  const adapters = [ioredisNode, iovalkeyNode, nodeRedisNode, valkeyGlideNode];
  for (const adapter of adapters) expect(typeof adapter).toBe('function');
  const node = ioredisNodeFromUrl('redis://localhost');
  expect(node.name).toBe('localhost:6379');
  await node.close();
});
