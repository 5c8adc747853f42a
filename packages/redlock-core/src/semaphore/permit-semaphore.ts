import type { Acquisition } from '../lease/acquisition.js';
import type { LockRequest, Requests } from '../lease/request.js';
import { optionsAndRoutine, type Routines } from '../lease/using.js';
import type { Lock, TryUsingResult } from '../lock.js';
import type { GuardedNode } from '../node/guarded-node.js';
import { SemaphoreKeys, sharesSlot } from '../protocol/keys.js';
import { requireToken } from '../protocol/token.js';
import type {
  AdoptPermitOptions,
  PermitLock,
  PermitOptions,
  PermitRoutine,
  Semaphore,
  SemaphoreInspection,
  TryPermitOptions,
} from '../semaphore.js';
import {
  parseAdoptPermitOptions,
  parsePermitOptions,
  parseTryPermitOptions,
  type AcquireSettings,
} from '../settings/acquire-settings.js';
import { requirePermit, requireSemaphoreTerms } from '../settings/method-options.js';
import type { Settings } from '../settings/settings.js';
import type { Runtime } from '../time/runtime.js';
import { inspectSemaphore, type SemaphoreInspectionServices } from './inspection.js';

/** What a semaphore needs of its Redlock. */
export interface SemaphoreServices extends SemaphoreInspectionServices {
  readonly settings: Settings;
  readonly clusters: readonly GuardedNode[];
  readonly runtime: Runtime;
  readonly requests: Requests;
  readonly acquisition: Acquisition;
  readonly routines: Routines;
}

/**
 * The class behind {@link Semaphore}. Users see only the interface, which they can implement in their own tests.
 * @internal
 */
export class PermitSemaphore implements Semaphore {
  readonly name: string;
  readonly permits: number;
  readonly #services: SemaphoreServices;
  readonly #keys: SemaphoreKeys;
  /** The latest lock of this process on each permit. */
  readonly #locks = new Map<number, PermitLock>();
  /** The permit that was granted last. If it was released since, it is probably free. null: another caller requests it. */
  #latest: number | null = null;

  /** @throws TypeError, RangeError for bad arguments */
  constructor(services: SemaphoreServices, name: string, permits: number) {
    requireSemaphoreTerms(name, permits);
    this.name = name;
    this.permits = permits;
    this.#services = services;
    this.#keys = new SemaphoreKeys(name, services.settings.keyPrefix, permits);
    for (const cluster of services.clusters) this.#requireOneSlot(cluster);
  }

  async acquire(ttl: number, options?: PermitOptions): Promise<PermitLock> {
    const request = this.#parse(ttl, parsePermitOptions(options, this.#defaults));
    return this.#granted(await this.#services.acquisition.acquire(request));
  }

  async tryAcquire(ttl: number, options?: TryPermitOptions): Promise<PermitLock | null> {
    const request = this.#parse(ttl, parseTryPermitOptions(options, this.#defaults));
    const lock = await this.#services.acquisition.tryAcquire(request);
    return lock && this.#granted(lock);
  }

  async using<T>(
    ttl: number,
    ...rest: [PermitRoutine<T>] | [PermitOptions, PermitRoutine<T>]
  ): Promise<T> {
    const [options, routine] = optionsAndRoutine(rest);
    const request = this.#parse(ttl, parsePermitOptions(options, this.#defaults));
    return await this.#services.routines.using(request, (signal, lock) =>
      routine(signal, this.#granted(lock)),
    );
  }

  async tryUsing<T>(
    ttl: number,
    ...rest: [PermitRoutine<T>] | [TryPermitOptions, PermitRoutine<T>]
  ): Promise<TryUsingResult<T>> {
    const [options, routine] = optionsAndRoutine(rest);
    const request = this.#parse(ttl, parseTryPermitOptions(options, this.#defaults));
    return await this.#services.routines.tryUsing(request, (signal, lock) =>
      routine(signal, this.#granted(lock)),
    );
  }

  async adopt(
    permit: number,
    token: string,
    ttl: number,
    options?: AdoptPermitOptions,
  ): Promise<PermitLock> {
    requirePermit(permit, this.permits);
    requireToken(token);
    const settings = parseAdoptPermitOptions(options, this.#defaults);
    const { requests, acquisition } = this.#services;
    const request = requests.ofPermit(this.name, this.#keys, permit, ttl, settings, token);
    return this.#granted(await acquisition.adopt(request));
  }

  async inspect(): Promise<SemaphoreInspection> {
    return inspectSemaphore(this.#services, this.name, this.#keys);
  }

  get #defaults(): AcquireSettings {
    return this.#services.settings.acquire;
  }

  #parse(ttl: number, settings: AcquireSettings): LockRequest {
    return this.#services.requests.ofPermit(this.name, this.#keys, this.#first(), ttl, settings);
  }

  /** The permit to request first: the one that this process released last, else any that it does not hold. */
  #first(): number {
    const latest = this.#latest;
    // Two callers that request the same permit at the same time would deny each other.
    this.#latest = null;
    if (latest !== null && !this.#holds(latest)) return latest;
    const { permits } = this;
    const start = Math.floor(this.#services.runtime.random() * permits);
    for (let step = 0; step < permits; step++) {
      const permit = (start + step) % permits;
      if (!this.#holds(permit)) return permit;
    }
    return start;
  }

  #holds(permit: number): boolean {
    return (this.#locks.get(permit)?.remaining() ?? 0) > 0;
  }

  /** Takes note of a lock that was granted. The class of all locks has the number of the permit. */
  #granted(lock: Lock): PermitLock {
    const granted = lock as PermitLock;
    this.#latest = granted.permit;
    this.#locks.set(granted.permit, granted);
    return granted;
  }

  /**
   * On a Cluster, all keys of a script share a slot. Those of a semaphore have a hash tag, unless a prefix disturbs it.
   * @throws RangeError that says what to do
   */
  #requireOneSlot(cluster: GuardedNode): void {
    const { queue, permitKeys } = this.#keys;
    if (permitKeys.every((key) => sharesSlot(key, queue, cluster))) return;
    throw new RangeError(
      `The keys of the semaphore ${JSON.stringify(this.name)} are in different slots of the Cluster ` +
        `${cluster.name}, because a key prefix has a { and a } with nothing between them; use another prefix`,
    );
  }
}
