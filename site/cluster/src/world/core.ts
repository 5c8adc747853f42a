/** What the live cluster takes from the core: its own sources, bundled as they are. */
export { RedlockWithRuntime } from '../../../../packages/redlock-core/src/internal/index.js';
export type { Redlock } from '../../../../packages/redlock-core/src/redlock.js';
export type { Keyspace } from '../../../../packages/redlock-core/src/memory/keyspace.js';
export { ErrorReply } from '../../../../packages/redlock-core/src/memory/keyspace.js';
export { MemoryServer } from '../../../../packages/redlock-core/src/memory/server.js';
export { Subscribers } from '../../../../packages/redlock-core/src/memory/subscribers.js';
export {
  decode,
  type EncodedOperation,
} from '../../../../packages/redlock-core/src/protocol/commands.js';
export { queueOf } from '../../../../packages/redlock-core/src/protocol/keys.js';
export { SCRIPTS } from '../../../../packages/redlock-core/src/protocol/script/index.js';
export type { RedlockEvents } from '../../../../packages/redlock-core/src/events.js';
export type { Lock } from '../../../../packages/redlock-core/src/lock.js';
export type { RedisNode } from '../../../../packages/redlock-core/src/redis-node.js';
