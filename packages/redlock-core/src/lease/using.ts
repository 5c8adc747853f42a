import { closedError } from '../errors.js';
import type { Lock, Routine } from '../lock.js';
import type { LockTrace, TracedOutcome } from '../trace.js';
import type { Acquisition } from './acquisition.js';
import { leasesOf, withCallerStack } from './handle.js';
import type { Ownership } from './reentry.js';
import type { LockRequest } from './request.js';
import { AttemptStats, outcomeOf, using } from './tracing.js';

/** The `using` routines of a Redlock. */
export class Routines {
  readonly #acquisition: Acquisition;
  readonly #ownership: Ownership;
  readonly #closed: AbortSignal;
  /** The locks under which routines run. */
  readonly #running = new Set<Lock>();

  /** @param closed aborts when the Redlock is closed */
  constructor(acquisition: Acquisition, ownership: Ownership, closed: AbortSignal) {
    this.#acquisition = acquisition;
    this.#ownership = ownership;
    this.#closed = closed;
  }

  /** Runs a routine under a lock, which is extended meanwhile and released afterwards. */
  run<T>(parsed: LockRequest, routine: Routine<T>): Promise<T> {
    const request = { ...parsed, autoExtend: true, forRoutine: true };
    const stats = this.#acquisition.newStats();
    if (!using.isOn) return this.#run(request, stats, routine);
    const { resources, mode, ttl, signal } = request;
    const trace: LockTrace = { operation: 'using', resources, mode, ttl };
    return using.trace(trace, () => this.#run(request, stats, routine, trace), signal);
  }

  /** Aborts the signals of all routines, because the Redlock is closed. */
  abortSignals(): void {
    for (const lock of this.#running) for (const lease of leasesOf(lock)) lease.abortSignal();
  }

  async #run<T>(
    request: LockRequest,
    stats: AttemptStats,
    routine: Routine<T>,
    trace?: LockTrace,
  ): Promise<T> {
    const acquire = (): Promise<Lock> => this.#acquisition.acquire(request, stats);
    const lock = await (trace ? stats.recordIn(trace, acquire) : acquire());
    try {
      // The Redlock may have been closed since the grant, and then nothing would abort the routine's signal.
      if (this.#closed.aborted) throw closedError(request.resources);
      const run = (): T | Promise<T> => routine(lock.signal, lock);
      this.#running.add(lock);
      const runIn = trace?.run;
      const runTraced = runIn ? () => runIn(run) : run;
      const result = await (request.reentrant ? this.#ownership.run(lock, runTraced) : runTraced());
      // Read the clocks once more: the validity may have ended in this very turn, before any timer ran.
      for (const lease of leasesOf(lock)) {
        lease.remaining();
        if (lease.loss) throw withCallerStack(lease.loss);
      }
      return result;
    } finally {
      this.#running.delete(lock);
      const released = await lock.release();
      if (trace) trace.outcome = outcomeFor(lock, released);
    }
  }
}

function outcomeFor(lock: Lock, released: boolean): TracedOutcome | undefined {
  const loss = leasesOf(lock).find((lease) => lease.loss)?.loss;
  if (loss) return outcomeOf(loss);
  return released ? 'released' : 'unconfirmed';
}
