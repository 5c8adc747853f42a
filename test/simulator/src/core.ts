/**
 * What the simulator runs: the core's own sources, compiled with it as they are (or with a mutant's
 * mistake in them).
 */
export { RedlockWithRuntime } from '../../../packages/redlock-core/src/internal/index.js';
export type { Redlock } from '../../../packages/redlock-core/src/redlock.js';
export type { Lock } from '../../../packages/redlock-core/src/lock.js';
export type { LockMode } from '../../../packages/redlock-core/src/options.js';
export type { AcquireOptions } from '../../../packages/redlock-core/src/options.js';
export type { RedisNode } from '../../../packages/redlock-core/src/redis-node.js';
export { proposals } from '../../../packages/redlock-core/src/time/runtime.js';
export type { Runtime, Timer } from '../../../packages/redlock-core/src/time/runtime.js';
export {
  LockLostError,
  QuorumError,
  RedlockError,
} from '../../../packages/redlock-core/src/errors.js';
export {
  decode,
  type EncodedOperation,
} from '../../../packages/redlock-core/src/protocol/commands.js';
export { keyRange } from '../../../packages/redlock-core/src/protocol/routing.js';
export {
  counterOf,
  permitResource,
  queueOf,
  SemaphoreKeys,
  setOf,
} from '../../../packages/redlock-core/src/protocol/keys.js';
export { SCRIPTS } from '../../../packages/redlock-core/src/protocol/script/index.js';
export { SHARED } from '../../../packages/redlock-core/src/protocol/token.js';
export type { PermitLock, Semaphore } from '../../../packages/redlock-core/src/semaphore.js';
export { ErrorReply, type Keyspace } from '../../../packages/redlock-core/src/memory/keyspace.js';
export { MemoryServer } from '../../../packages/redlock-core/src/memory/server.js';
export { Subscribers } from '../../../packages/redlock-core/src/memory/subscribers.js';
