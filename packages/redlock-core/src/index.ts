export type { RedlockConstructor } from './contract.js';
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
export type { EventName, Listener, RedlockEvents } from './events.js';
export type { Holder, Inspection, NodeInspection } from './inspection.js';
export type { Lock } from './lock.js';
export type { LockMode } from './mode.js';
export type { ContentionNotice, LossNotice, NodeNotice } from './notice.js';
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
export type { Routine } from './routine.js';
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
export type { LockTrace, TracedOperation, TracedOutcome } from './trace.js';
export type { ErrorData, Vote, VoteErrorCode } from './vote.js';
export type { Warning, WarningCode } from './warning.js';
