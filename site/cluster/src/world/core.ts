/**
 * What the live cluster takes from the core: its own sources, bundled as they are. The keyspace and the twin of the
 * scripts are those of the memory node, which has no clock of its own that a world could set.
 */
export { Redlock } from '../../../../packages/redlock-core/src/redlock.js';
export { Keyspace } from '../../../../packages/redlock-core/src/memory/keyspace.js';
export { runCommand } from '../../../../packages/redlock-core/src/memory/memory-program.js';
export {
  operationsIn,
  type EncodedOperation,
} from '../../../../packages/redlock-core/src/protocol/encoded-operation.js';
export { LockKeys } from '../../../../packages/redlock-core/src/protocol/lock-keys.js';
export type { RedlockEvents } from '../../../../packages/redlock-core/src/events.js';
export type { Lock } from '../../../../packages/redlock-core/src/lock.js';
export type { RedisNode } from '../../../../packages/redlock-core/src/redis-node.js';
