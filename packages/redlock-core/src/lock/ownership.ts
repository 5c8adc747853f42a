import { AsyncLocalStorage } from 'node:async_hooks';
import type { Lock } from '../lock.js';
import { leasesOf } from './handle.js';
import type { Lease } from './lease.js';

/** The leases of the `using` routines around a caller, by async context, so that the caller may re-enter them. */
export class Ownership {
  readonly #owned = new AsyncLocalStorage<readonly Lease[]>();

  /** Undefined outside of every reentrant routine. */
  get current(): readonly Lease[] | undefined {
    return this.#owned.getStore();
  }

  /** Runs a routine whose calls may re-enter the lock. */
  run<T>(lock: Lock, routine: () => T): T {
    // Contexts may be nested without end, so each lease is listed once, and leases that are over are left out.
    const around = (this.current ?? []).filter((lease) => lease.remaining() > 0);
    return this.#owned.run([...new Set([...around, ...leasesOf(lock)])], routine);
  }

  /** Perf: an enabled AsyncLocalStorage slows every promise of the process, so it is disabled here. */
  close(): void {
    this.#owned.disable();
  }
}
