import { Redlock } from 'redlock-core';
import { memoryNode } from 'redlock-core/memory';
import { iovalkeyNode } from 'redlock-ioredis-adapter/iovalkey';

const redlock = new Redlock([memoryNode({ name: 'memory' })]);
redlock
  .using('bundled', 1000, (_, lock) => lock.resources.join())
  .then((resource) => console.log(typeof iovalkeyNode, resource))
  .finally(() => redlock.close());
