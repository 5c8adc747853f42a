import type { Lock } from '../lock.js';
import type { Acquisition, LockRequest } from './acquisition.js';
import { HeldLock } from './handle.js';
import type { Lease } from './lease.js';
import { reenter, type ReentryServices } from './reentry.js';

export interface CallerServices extends ReentryServices {
  readonly acquisition: Acquisition;
  readonly driftFactor: number;
}

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

  acquire(request: LockRequest): Promise<Lock> {
    const { acquisition } = this.#services;
    return this.#obtain<never>(request, (wanted) => acquisition.acquire(wanted));
  }

  /** @returns null if others hold the lock */
  tryAcquire(request: LockRequest): Promise<Lock | null> {
    const { acquisition } = this.#services;
    return this.#obtain(request, (wanted) => acquisition.tryAcquire(wanted));
  }

  adopt(request: LockRequest, token: string): Promise<Lock> {
    const { acquisition } = this.#services;
    return this.#obtain<never>(request, (wanted) => acquisition.adopt(wanted, token));
  }

  /**
   * Gets a lock, and counts as a caller meanwhile. The count is in `finally` and not in a `then`: V8 shows the
   * async callers in an error's stack only if each promise on the way has one reaction.
   * @param take takes from the nodes what the caller does not own already
   */
  async #obtain<N extends null>(
    request: LockRequest,
    take: (request: LockRequest) => Promise<Lease | N>,
  ): Promise<Lock | N> {
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
