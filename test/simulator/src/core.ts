/**
 * What the simulator runs: the core's own sources, compiled with it as they are (or with a mutant's
 * mistake in them).
 */
export { Redlock } from '../../../packages/redlock-core/src/redlock.js';
export type { Lock } from '../../../packages/redlock-core/src/lock.js';
export type { LockMode } from '../../../packages/redlock-core/src/mode.js';
export type { AcquireOptions } from '../../../packages/redlock-core/src/options.js';
export type { Vote } from '../../../packages/redlock-core/src/vote.js';
export type { RedisNode } from '../../../packages/redlock-core/src/redis-node.js';
export { proposals } from '../../../packages/redlock-core/src/time/proposals.js';
export type { Runtime, Timer } from '../../../packages/redlock-core/src/time/runtime.js';
export {
  LockLostError,
  QuorumError,
  RedlockError,
} from '../../../packages/redlock-core/src/errors.js';
export {
  isNativeGrant,
  operationsIn,
  type EncodedOperation,
} from '../../../packages/redlock-core/src/protocol/encoded-operation.js';
export { keyRange } from '../../../packages/redlock-core/src/protocol/key-range.js';
export { isReserved, RESERVED, SHARED } from '../../../packages/redlock-core/src/protocol/word.js';
export {
  permitKeysIn,
  PermitKeys,
  permitResource,
} from '../../../packages/redlock-core/src/protocol/permit-keys.js';
export type {
  PermitLock,
  PermitOptions,
  Semaphore,
} from '../../../packages/redlock-core/src/semaphore.js';
export { LockKeys } from '../../../packages/redlock-core/src/protocol/lock-keys.js';
export type { Keyspace } from '../../../packages/redlock-core/src/memory/keyspace.js';
export { ErrorReply } from '../../../packages/redlock-core/src/memory/memory-program.js';
export { MemoryServer } from '../../../packages/redlock-core/src/memory/memory-server.js';
export { Subscribers } from '../../../packages/redlock-core/src/memory/subscribers.js';
