/** The sources of the core and of the simulator that the live cluster runs on. */
export { RedlockWithRuntime } from '../../../../../packages/redlock-core/src/internal/index.js';
export { ErrorReply } from '../../../../../packages/redlock-core/src/memory/keyspace.js';
export { MemoryServer } from '../../../../../packages/redlock-core/src/memory/server.js';
export { Subscribers } from '../../../../../packages/redlock-core/src/memory/subscribers.js';
export {
  decode,
  type EncodedOperation,
} from '../../../../../packages/redlock-core/src/protocol/commands.js';
export { queueOf } from '../../../../../packages/redlock-core/src/protocol/keys.js';
export { SCRIPTS } from '../../../../../packages/redlock-core/src/protocol/script/index.js';
export type { Lock } from '../../../../../packages/redlock-core/src/lock.js';
export type { RedisNode } from '../../../../../packages/redlock-core/src/redis-node.js';
export type { Redlock } from '../../../../../packages/redlock-core/src/redlock.js';
export { Clock } from '../../../../../test/simulator/src/world/clock.js';
export {
  ClientProcess,
  type ValidityEnds,
} from '../../../../../test/simulator/src/world/process.js';
export { World } from '../../../../../test/simulator/src/world/world.js';
