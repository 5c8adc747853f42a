import { Redlock } from './v4/redlock.js';

export type { Disposer } from './v4/bluebird.js';
export type { Callback, DonePromise } from './v4/callback.js';
export type { Lock } from './v4/lock.js';
export type { LockError } from './v4/lock-error.js';
export type { Options } from './v4/options.js';
export type { QuittableClient } from './shared/clients.js';
export default Redlock;
