export type { CampaignOptions, Election, Leader, LeadOptions, ObserveOptions } from './election.js';
export {
  LockLostError,
  QuorumError,
  RedlockError,
  ResourceLockedError,
  type LossCode,
  type RedlockErrorCode,
  type RedlockErrorDetails,
} from './errors.js';
export type { EventName, Listener, RedlockEvents, Warning, WarningCode } from './events.js';
export type { Holder, Inspection, NodeInspection } from './inspection.js';
export type { Lock, Routine } from './lock.js';
export type {
  AcquireOptions,
  AdoptOptions,
  CloseOptions,
  ConnectOptions,
  LockMode,
  RedlockOptions,
  ReleaseOptions,
  TryAcquireOptions,
} from './options.js';
export type { RedisNode } from './redis-node.js';
export { Redlock, type RedlockConstructor } from './redlock.js';
export type {
  AdoptPermitOptions,
  PermitHolder,
  PermitLock,
  PermitOptions,
  PermitRoutine,
  Semaphore,
  SemaphoreInspection,
  TryPermitOptions,
} from './semaphore.js';
export type { Runtime, Timer } from './time/runtime.js';
export type {
  ContentionNotice,
  LockTrace,
  LossNotice,
  NodeNotice,
  TracedOperation,
  TracedOutcome,
} from './trace.js';
export type { ErrorData, Vote, VoteErrorCode } from './vote.js';
