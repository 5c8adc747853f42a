export { currentLock, currentSignal } from './current-lock.js';
export { Locked, type LockedOptions } from './locked.js';
export type { LockedMethod, LockKey, SkippableMethod } from './locked-method.js';
export { SingletonJob, type SingletonJobOptions } from './singleton-job.js';
export { RedlockExceptionFilter } from './redlock-exception-filter.js';
export {
  RedlockHealthIndicator,
  type RedlockHealth,
  type RedlockHealthOptions,
} from './redlock-health-indicator.js';
export {
  RedlockModule,
  type RedlockModuleAsyncOptions,
  type RedlockModuleExtras,
  type RedlockModuleOptions,
  type RedlockOptionsFactory,
} from './redlock-module.js';
export { getRedlockToken, InjectRedlock } from './redlock-token.js';
