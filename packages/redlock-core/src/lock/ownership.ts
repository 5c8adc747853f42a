import { AsyncLocalStorage } from 'node:async_hooks';
import type { Lock } from '../lock.js';
import { leasesOf } from './handle.js';
import type { Lease } from './lease.js';

/** What the `using` routines around a caller hold, by async context, so that it may be re-entered. */
export class Ownership {
  readonly #owned = new AsyncLocalStorage<readonly Lease[]>();

  /** Undefined outside of every reentrant routine. */
  get current(): readonly Lease[] | undefined {
    return this.#owned.getStore();
  }

  /** Runs a routine whose calls may re-enter the lock. */
  run<T>(lock: Lock, routine: () => T): T {
    // Contexts may be nested without end, so each lock is listed once, and none that is over.
    const around = (this.current ?? []).filter((lease) => lease.remaining() > 0);
    return this.#owned.run([...new Set([...around, ...leasesOf(lock)])], routine);
  }

  /** An enabled AsyncLocalStorage slows every promise of the process, so it is disabled. */
  close(): void {
    this.#owned.disable();
  }
}
