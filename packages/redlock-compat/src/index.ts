export { ExecutionError, ResourceLockedError } from './v5/errors.js';
export type { RedlockAbortSignal } from './v5/guard.js';
export { Lock } from './v5/lock.js';
export { default } from './v5/redlock.js';
export type { Settings } from './v5/settings.js';
export type {
  Client,
  ClientExecutionResult,
  ExecutionResult,
  ExecutionStats,
} from './v5/statistics.js';
