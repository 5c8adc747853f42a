import { hide } from '../shared/inspection.js';
import type { Callback, DonePromise } from './callback.js';
import type { Redlock } from './redlock.js';

/**
 * A lock that is held. `new Lock` makes a handle on a lock of another handle, perhaps of another process, from its
 * resources and its value.
 */
export class Lock {
  /**
   * @param expiration when it ends, on the wall clock, in ms; 0 once it was released
   * @param attempts how often the nodes were asked for it
   * @param attemptsRemaining how often they might have been asked more
   */
  constructor(
    readonly redlock: Redlock,
    readonly resource: string | string[],
    readonly value: string,
    public expiration: number,
    readonly attempts = 0,
    readonly attemptsRemaining = 0,
  ) {
    hide(this, 'redlock');
  }

  /** The same as {@link Redlock.unlock}. */
  unlock(callback?: Callback<void>): DonePromise<void> {
    return this.redlock.unlock(this, callback);
  }

  /** The same as {@link Redlock.extend}. */
  extend(ttl: number, callback?: Callback<Lock>): DonePromise<Lock> {
    return this.redlock.extend(this, ttl, callback);
  }
}
