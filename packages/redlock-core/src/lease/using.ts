import { RedlockClosedError } from '../errors.js';
import type { Lock, Routine, TryUsingResult } from '../lock.js';
import { onAbort } from '../time/pause.js';
import type { LockTrace, TracedOutcome } from '../trace.js';
import type { Acquisition } from './acquisition.js';
import { leasesOf, withCallerStack } from './handle.js';
import type { Ownership } from './reentry.js';
import type { LockRequest } from './request.js';
import { outcomeOf, using } from './tracing.js';

type Traced = LockTrace | undefined;

/** The `using` and `tryUsing` routines of a Redlock. */
export class Routines {
  readonly #acquisition: Acquisition;
  readonly #ownership: Ownership;
  readonly #closed: AbortSignal;

  /** @param closed aborts when the Redlock is closed */
  constructor(acquisition: Acquisition, ownership: Ownership, closed: AbortSignal) {
    this.#acquisition = acquisition;
    this.#ownership = ownership;
    this.#closed = closed;
  }

  /** Runs a routine under a lock, which is extended while it runs and released afterwards. */
  using<T>(parsed: LockRequest, routine: Routine<T>): Promise<T> {
    const request = forRoutine(parsed);
    const stats = this.#acquisition.newStats();
    return traced('using', request, async (trace) => {
      const acquire = (): Promise<Lock> => this.#acquisition.acquire(request, stats);
      const lock = await (trace ? stats.recordIn(trace, acquire) : acquire());
      return await this.#run(request, lock, routine, trace);
    });
  }

  /** The same, if no other client holds the lock. */
  tryUsing<T>(parsed: LockRequest, routine: Routine<T>): Promise<TryUsingResult<T>> {
    const request = forRoutine(parsed);
    const stats = this.#acquisition.newStats();
    return traced('tryUsing', request, async (trace) => {
      const acquire = (): Promise<Lock | null> => this.#acquisition.tryAcquire(request, stats);
      const lock = await (trace ? stats.recordIn(trace, acquire) : acquire());
      if (lock !== null) {
        return { acquired: true, value: await this.#run(request, lock, routine, trace) };
      }
      if (trace) trace.outcome = 'locked';
      return { acquired: false };
    });
  }

  async #run<T>(
    { resources, signal, reentrant }: LockRequest,
    lock: Lock,
    routine: Routine<T>,
    trace: Traced,
  ): Promise<T> {
    const stop = new AbortController();
    const abortWith = (source: AbortSignal): (() => void) =>
      onAbort(source, () => stop.abort(source.reason));
    const ends: (() => void)[] = [];
    try {
      // The Redlock may have been closed since the grant.
      if (this.#closed.aborted) throw new RedlockClosedError(resources);
      ends.push(abortWith(lock.signal));
      ends.push(onAbort(this.#closed, () => stop.abort(new RedlockClosedError(resources))));
      if (signal) ends.push(abortWith(signal));
      const run = (): T | Promise<T> => routine(stop.signal, lock);
      const runIn = trace?.runInContext;
      const runTraced = runIn ? () => runIn(run) : run;
      const result = await (reentrant ? this.#ownership.run(lock, runTraced) : runTraced());
      for (const lease of leasesOf(lock)) {
        // Read the clocks once more: the validity may have ended in this very turn, before any timer ran.
        lease.remaining();
        if (lease.loss) throw withCallerStack(lease.loss);
        if (lease.isForceReleased) throw new RedlockClosedError(resources);
      }
      return result;
    } finally {
      for (const end of ends) end();
      const released = await lock.release();
      if (trace) trace.outcome = outcomeFor(lock, released);
    }
  }
}

/**
 * The arguments of `using` and `tryUsing`, whose options may be left out.
 * @throws TypeError if there is no routine
 */
export function optionsAndRoutine<O, R>(rest: readonly [R] | readonly [O, R]): [O | undefined, R] {
  const [options, routine] = rest.length === 1 ? [undefined, rest[0]] : rest;
  if (typeof routine !== 'function') throw new TypeError('routine must be a function');
  return [options, routine];
}

function forRoutine(request: LockRequest): LockRequest {
  return { ...request, autoExtend: true, forRoutine: true };
}

function traced<T>(
  operation: 'using' | 'tryUsing',
  { resources, mode, ttl, signal }: LockRequest,
  run: (trace?: LockTrace) => Promise<T>,
): Promise<T> {
  if (!using.isOn) return run();
  const trace: LockTrace = { operation, resources, mode, ttl };
  return using.trace(trace, () => run(trace), signal);
}

function outcomeFor(lock: Lock, released: boolean): TracedOutcome | undefined {
  const leases = leasesOf(lock);
  const loss = leases.find((lease) => lease.loss)?.loss;
  if (loss) return outcomeOf(loss);
  if (leases.some((lease) => lease.isForceReleased)) return 'closed';
  return released ? 'released' : 'unconfirmed';
}
