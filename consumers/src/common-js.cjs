const { Redlock } = require('redlock-core');
const { memoryNode } = require('redlock-core/memory');
const { ioredisNode } = require('redlock-ioredis-adapter');

async function main() {
  const redlock = new Redlock([memoryNode({ name: 'memory' })]);
  const lock = await redlock.acquire('required', 1000);
  console.log(typeof ioredisNode, lock.resources.join(), await lock.release());
  await redlock.close();
}

void main();
