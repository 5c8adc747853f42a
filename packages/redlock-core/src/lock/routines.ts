import { closedError } from '../errors.js';
import type { Routine } from '../routine.js';
import type { Lock } from '../lock.js';
import type { LockTrace, TracedOutcome } from '../trace.js';
import { outcomeOf, using } from '../telemetry/tracing.js';
import type { LockRequest } from './acquisition.js';
import type { Callers } from './callers.js';
import { leasesOf } from './handle.js';
import type { Ownership } from './ownership.js';
import { retraced } from './retraced.js';
import type { Tries } from './tries.js';

/** The `using` routines of a Redlock. */
export class Routines {
  readonly #callers: Callers;
  readonly #ownership: Ownership;
  readonly #closed: AbortSignal;
  /** The locks under which routines work. */
  readonly #working = new Set<Lock>();

  /** @param closed aborts when the Redlock is closed */
  constructor(callers: Callers, ownership: Ownership, closed: AbortSignal) {
    this.#callers = callers;
    this.#ownership = ownership;
    this.#closed = closed;
  }

  /** Runs a routine under a lock, which is extended meanwhile and released afterwards. */
  run<T>(wanted: LockRequest, routine: Routine<T>): Promise<T> {
    const request = { ...wanted, autoExtend: true, forRoutine: true };
    const tries = this.#callers.newTries();
    if (!using.isOn) return this.#run(request, tries, routine);
    const { resources, mode, ttl, signal } = request;
    const trace: LockTrace = { operation: 'using', resources, mode, ttl };
    return using.trace(trace, () => this.#run(request, tries, routine, trace), signal);
  }

  async #run<T>(
    request: LockRequest,
    tries: Tries,
    routine: Routine<T>,
    trace?: LockTrace,
  ): Promise<T> {
    const acquire = (): Promise<Lock> => this.#callers.acquire(request, tries);
    const lock = await (trace ? tries.noteIn(trace, acquire) : acquire());
    try {
      // The Redlock may have been closed since the grant, and nothing would abort the routine's signal.
      if (this.#closed.aborted) throw closedError(request.resources);
      const run = (): T | Promise<T> => routine(lock.signal, lock);
      this.#working.add(lock);
      const runIn = trace?.run;
      const runTraced = runIn ? () => runIn(run) : run;
      const result = await (request.reentrant ? this.#ownership.run(lock, runTraced) : runTraced());
      // Read the clocks once more: the validity may have ended in this very turn, before any timer ran.
      for (const lease of leasesOf(lock)) {
        lease.remaining();
        if (lease.loss) throw retraced(lease.loss);
      }
      return result;
    } finally {
      this.#working.delete(lock);
      const released = await lock.release();
      if (trace) trace.outcome = outcomeFor(lock, released);
    }
  }

  /** Aborts the signals of all routines, because the Redlock is closed. */
  abandon(): void {
    for (const lock of this.#working) for (const lease of leasesOf(lock)) lease.abandon();
  }
}

function outcomeFor(lock: Lock, released: boolean): TracedOutcome | undefined {
  const loss = leasesOf(lock).find((lease) => lease.loss)?.loss;
  if (loss) return outcomeOf(loss);
  return released ? 'released' : 'unconfirmed';
}
