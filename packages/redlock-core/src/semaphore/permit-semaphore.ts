import type { Callers } from '../lock/callers.js';
import type { Routines } from '../lock/routines.js';
import type { Lock } from '../lock.js';
import type {
  PermitLock,
  PermitOptions,
  PermitRoutine,
  Semaphore,
  SemaphoreInspection,
  TryPermitOptions,
} from '../semaphore.js';
import { parsePermitOptions, parseTryPermitOptions } from '../settings/permit-settings.js';
import { PermitRequests, type PermitServices } from './permit-requests.js';
import { semaphoreInspection, type SemaphoreInspectionServices } from './semaphore-inspection.js';

export interface SemaphoreServices extends PermitServices, SemaphoreInspectionServices {
  readonly callers: Callers;
  readonly routines: Routines;
  readonly quorum: SemaphoreInspectionServices['quorum'];
}

/**
 * The class behind {@link Semaphore}. Users see only the interface, which they can implement in their own tests.
 * @internal
 */
export class PermitSemaphore implements Semaphore {
  readonly name: string;
  readonly permits: number;
  readonly #services: SemaphoreServices;
  readonly #requests: PermitRequests;

  /** @throws TypeError, RangeError for bad arguments */
  constructor(services: SemaphoreServices, name: string, permits: number) {
    this.#services = services;
    this.#requests = new PermitRequests(services, name, permits);
    this.name = name;
    this.permits = permits;
  }

  async acquire(ttl: number, options?: PermitOptions): Promise<PermitLock> {
    const request = this.#requests.parse(ttl, options, parsePermitOptions);
    return this.#granted(await this.#services.callers.acquire(request));
  }

  async tryAcquire(ttl: number, options?: TryPermitOptions): Promise<PermitLock | null> {
    const request = this.#requests.parse(ttl, options, parseTryPermitOptions);
    const lock = await this.#services.callers.tryAcquire(request);
    return lock && this.#granted(lock);
  }

  async using<T>(
    ttl: number,
    ...rest: [PermitRoutine<T>] | [PermitOptions, PermitRoutine<T>]
  ): Promise<T> {
    const [options, routine] = rest.length === 1 ? [undefined, rest[0]] : rest;
    if (typeof routine !== 'function') throw new TypeError('routine must be a function');
    const request = this.#requests.parse(ttl, options, parsePermitOptions);
    return await this.#services.routines.run(request, (signal, lock) =>
      routine(signal, this.#granted(lock)),
    );
  }

  async inspect(): Promise<SemaphoreInspection> {
    return semaphoreInspection(this.#services, this.name, this.permits);
  }

  /** Takes note of a lock that was granted. The class of all locks has the number of the permit, if there is one. */
  #granted(lock: Lock): PermitLock {
    const granted = lock as PermitLock;
    this.#requests.granted(granted.permit);
    return granted;
  }
}
