export {
  LockLostError,
  QuorumError,
  RedlockError,
  ResourceLockedError,
  type LossCode,
  type RedlockErrorCode,
} from './errors.js';
export type { EventName, Listener, RedlockEvents } from './events.js';
export type { Inspection } from './inspection.js';
export type { Lock } from './lock.js';
export type { AcquireOptions, RedlockOptions } from './options.js';
export type { RedisNode } from './redis-node.js';
export { Redlock, type Routine } from './redlock.js';
export type { Runtime, Timer } from './runtime.js';
export type { ErrorData, Vote } from './vote.js';
