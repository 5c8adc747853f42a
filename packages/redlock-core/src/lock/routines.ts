import type { Routine } from '../routine.js';
import type { Lock } from '../lock.js';
import type { LockRequest } from './acquisition.js';
import type { Callers } from './callers.js';
import { leasesOf } from './handle.js';
import type { Ownership } from './ownership.js';
import { retraced } from './retraced.js';

/** The `using` routines of a Redlock. */
export class Routines {
  readonly #callers: Callers;
  readonly #ownership: Ownership;
  /** The locks under which routines work. */
  readonly #working = new Set<Lock>();

  constructor(callers: Callers, ownership: Ownership) {
    this.#callers = callers;
    this.#ownership = ownership;
  }

  /** Runs a routine under a lock, which is extended meanwhile and released afterwards. */
  async run<T>(wanted: LockRequest, routine: Routine<T>): Promise<T> {
    const request = { ...wanted, autoExtend: true, forRoutine: true };
    const lock = await this.#callers.acquire(request);
    try {
      const run = (): T | Promise<T> => routine(lock.signal, lock);
      this.#working.add(lock);
      const result = await (request.reentrant ? this.#ownership.run(lock, run) : run());
      // Read the clocks once more: the validity may have ended in this very turn, before any timer ran.
      for (const lease of leasesOf(lock)) {
        lease.remaining();
        if (lease.loss) throw retraced(lease.loss);
      }
      return result;
    } finally {
      this.#working.delete(lock);
      await lock.release();
    }
  }

  /** Aborts the signals of all routines, because the Redlock is closed. */
  abandon(): void {
    for (const lock of this.#working) for (const lease of leasesOf(lock)) lease.abandon();
  }
}
