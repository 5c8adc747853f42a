const { Redlock } = require('redlock-core');
const { memoryNode } = require('redlock-core/memory');
const { ioredisNode } = require('redlock-ioredis-adapter');
const { instrumentRedlock } = require('redlock-opentelemetry');

async function main() {
  const { dispose } = instrumentRedlock();
  const redlock = new Redlock([memoryNode({ name: 'memory' })]);
  const lock = await redlock.acquire('required', 1000);
  console.log(typeof ioredisNode, lock.resources.join(), await lock.release());
  await redlock.close();
  dispose();
}

void main();
