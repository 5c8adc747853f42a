import { Redlock } from 'redlock-core';
import { memoryNode } from 'redlock-core/memory';
import { ioredisNode } from 'redlock-ioredis-adapter';

const redlock = new Redlock([memoryNode({ name: 'memory' })]);
redlock
  .using('bundled', 1000, (_, lock) => lock.resources.join())
  .then((resource) => console.log(typeof ioredisNode, resource))
  .finally(() => redlock.close());
