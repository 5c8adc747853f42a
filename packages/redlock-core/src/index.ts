export type { RedlockConstructor, Routine } from './contract.js';
export {
  LockLostError,
  QuorumError,
  RedlockError,
  ResourceLockedError,
  type LossCode,
  type RedlockErrorCode,
  type RedlockErrorDetails,
} from './errors.js';
export type { EventName, Listener, RedlockEvents } from './events.js';
export type { Inspection, NodeInspection } from './inspection.js';
export type { Lock } from './lock.js';
export type {
  AcquireOptions,
  CloseOptions,
  ConnectOptions,
  RedlockOptions,
  ReleaseOptions,
  TryAcquireOptions,
} from './options.js';
export type { RedisNode } from './redis-node.js';
export { Redlock } from './redlock.js';
export type {
  PermitHolder,
  PermitLock,
  PermitOptions,
  PermitRoutine,
  Semaphore,
  SemaphoreInspection,
  TryPermitOptions,
} from './semaphore.js';
export type { Runtime, Timer } from './time/runtime.js';
export type { ErrorData, Vote, VoteErrorCode } from './vote.js';
export type { Warning, WarningCode } from './warning.js';
