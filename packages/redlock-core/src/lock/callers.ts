import type { Lock } from '../lock.js';
import type { LockTrace, TracedOperation } from '../trace.js';
import { acquiring } from '../telemetry/tracing.js';
import type { Acquisition, LockRequest } from './acquisition.js';
import { HeldLock } from './handle.js';
import type { Lease } from './lease.js';
import { reenter, type ReentryServices } from './reentry.js';
import { Tries } from './tries.js';

export interface CallerServices extends ReentryServices {
  readonly acquisition: Acquisition;
  readonly driftFactor: number;
}

/** Takes from the nodes what a caller does not own already; null: others hold it. */
type Take<N extends null> = (request: LockRequest) => Promise<Lease | N>;

/** The callers that are trying to get a lock. Each ends with a handle, on new leases or on those that it owns already. */
export class Callers {
  readonly #services: CallerServices;
  #underWay = 0;
  /** Called when no caller is left. */
  #onIdle: (() => void) | null = null;

  constructor(services: CallerServices) {
    this.#services = services;
  }

  get isIdle(): boolean {
    return this.#underWay === 0;
  }

  /** Resolves when no caller is left. */
  idle(): Promise<void> {
    return new Promise((resolve) => (this.#onIdle = resolve));
  }

  acquire(request: LockRequest, tries = this.newTries()): Promise<Lock> {
    const { acquisition } = this.#services;
    return this.#call<never>('acquire', request, tries, (wanted) =>
      acquisition.acquire(wanted, tries),
    );
  }

  /** @returns null if others hold the lock */
  tryAcquire(request: LockRequest): Promise<Lock | null> {
    const { acquisition } = this.#services;
    const tries = this.newTries();
    return this.#call('tryAcquire', request, tries, (wanted) =>
      acquisition.tryAcquire(wanted, tries),
    );
  }

  adopt(request: LockRequest, token: string): Promise<Lock> {
    const { acquisition } = this.#services;
    const tries = this.newTries();
    return this.#call<never>('adopt', request, tries, (wanted) =>
      acquisition.adopt(wanted, tries, token),
    );
  }

  newTries(): Tries {
    return new Tries(this.#services.runtime);
  }

  #call<N extends null>(
    operation: TracedOperation,
    request: LockRequest,
    tries: Tries,
    take: Take<N>,
  ): Promise<Lock | N> {
    if (!acquiring.isOn) return this.#obtain(request, take);
    const { resources, mode, ttl, signal } = request;
    const trace: LockTrace = { operation, resources, mode, ttl };
    const takeTraced = async (wanted: LockRequest): Promise<Lease | N> => {
      const lease = await take(wanted);
      if (lease !== null) trace.taken = lease.resources;
      return lease;
    };
    const call = async (): Promise<Lock | N> => {
      const lock = await tries.noteIn(trace, () => this.#obtain(request, takeTraced));
      trace.outcome = lock === null ? 'busy' : 'granted';
      return lock;
    };
    return acquiring.trace(trace, call, signal);
  }

  /**
   * Gets a lock, and counts as a caller meanwhile. The count is in `finally` and not in a `then`: V8 shows the
   * async callers in an error's stack only if each promise on the way has one reaction.
   */
  async #obtain<N extends null>(request: LockRequest, take: Take<N>): Promise<Lock | N> {
    this.#underWay++;
    try {
      const { owned } = request;
      if (!request.reentrant || !owned) {
        const lease = await take(request);
        return lease === null ? lease : lease.lock;
      }
      const leases = await reenter(this.#services, request, owned, take);
      if (leases === null) return leases;
      const [lease, ...others] = leases;
      return new HeldLock(request, lease, this.#services.driftFactor, others);
    } finally {
      if (--this.#underWay === 0) this.#onIdle?.();
    }
  }
}
