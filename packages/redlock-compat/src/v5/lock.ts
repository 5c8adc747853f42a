import { hide } from '../shared/inspection.js';
import type Redlock from './redlock.js';
import type { ExecutionResult, ExecutionStats } from './statistics.js';

/**
 * A lock that is held. `new Lock` makes a handle on a lock of another handle, perhaps of another process, from its
 * resources and its value.
 */
export class Lock {
  /** @param expiration when it ends, on the wall clock, in ms; 0 once it was released, or extended into another Lock */
  constructor(
    readonly redlock: Redlock,
    readonly resources: string[],
    readonly value: string,
    readonly attempts: ReadonlyArray<Promise<ExecutionStats>>,
    public expiration: number,
  ) {
    hide(this, 'redlock');
  }

  /** The same as {@link Redlock.release}. */
  async release(): Promise<ExecutionResult> {
    return this.redlock.release(this);
  }

  /** The same as {@link Redlock.extend}. */
  async extend(duration: number): Promise<Lock> {
    return this.redlock.extend(this, duration);
  }
}
