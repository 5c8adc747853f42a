export type { CampaignOptions, Election, Leader, LeadOptions, ObserveOptions } from './election.js';
export {
  LockLostError,
  QuorumError,
  RedlockClosedError,
  RedlockError,
  ResourceLockedError,
  type LossReason,
  type RedlockErrorCode,
  type RedlockErrorDetails,
} from './errors.js';
export type {
  RedlockEventName,
  RedlockEvents,
  RedlockListener,
  RedlockWarning,
  WarningCode,
} from './events.js';
export type { Holder, Inspection, NodeInspection } from './inspection.js';
export type { Lock, Routine, TryUsingResult } from './lock.js';
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
export type { ClusterMasters, RedisNode } from './redis-node.js';
export { Redlock } from './redlock.js';
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
export type {
  ContentionMessage,
  LockLostMessage,
  LockTrace,
  NodeMessage,
  TracedOperation,
  TracedOutcome,
} from './trace.js';
export type { ErrorData, Vote, VoteErrorCode } from './vote.js';
