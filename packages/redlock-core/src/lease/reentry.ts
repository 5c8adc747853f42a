import { AsyncLocalStorage } from 'node:async_hooks';
import { QuorumError, quote } from '../errors.js';
import type { Lock } from '../lock.js';
import { Pause } from '../time/pause.js';
import type { Runtime } from '../time/runtime.js';
import { blindPollOf } from '../waiting/timing.js';
import { leasesOf } from './handle.js';
import type { Lease } from './lease.js';
import { throwIfCanceled, type LockRequest } from './request.js';

/** The leases of the `using` routines around a caller, by async context, so that the caller may re-enter them. */
export class Ownership {
  readonly #owned = new AsyncLocalStorage<readonly Lease[]>();

  /** Undefined outside of every reentrant routine. */
  get current(): readonly Lease[] | undefined {
    return this.#owned.getStore();
  }

  /** The leases around the caller that hold some of the resources. */
  sharedWith(resources: readonly string[]): readonly Lease[] {
    return (this.current ?? []).filter(
      (lease) => lease.remaining() > 0 && lease.resources.some((name) => resources.includes(name)),
    );
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

export interface ReentryServices {
  readonly runtime: Runtime;
  /** Aborts when the Redlock is closed. */
  readonly closed: AbortSignal;
}

type Leases = readonly [Lease, ...Lease[]];

/**
 * One call that re-enters leases of its owner. What they lack is acquired in addition. There is no round trip unless
 * something is lacking or validity runs short.
 */
export class Reentry {
  readonly #services: ReentryServices;
  readonly #request: LockRequest;
  /** Until when nodes are asked again if too few are reachable, on the monotonic clock. */
  readonly #deadline: number;
  readonly #shared: Leases;
  /** Those of the new handle. */
  #leases: Leases;

  /**
   * Begins to share leases.
   * @param shared some that the owner holds
   * @param start when the call began, on the monotonic clock
   * @throws RangeError if they cannot be shared in the mode of the request, or with its fencing
   */
  constructor(services: ReentryServices, request: LockRequest, shared: Leases, start: number) {
    throwIfCanceled(request, services.closed);
    requireExclusive(request, shared);
    requireFencing(request, shared);
    for (const lease of shared) lease.share();
    this.#services = services;
    this.#request = request;
    this.#deadline = start + request.wait;
    this.#shared = this.#leases = shared;
  }

  /** The highest fencing token of the leases. */
  get fencingToken(): number {
    return highestOf(this.#shared);
  }

  /** The resources that no shared lease has. */
  get lacking(): readonly string[] {
    const has = new Set(this.#shared.flatMap((lease) => lease.resources));
    return this.#request.resources.filter((name) => !has.has(name));
  }

  /** Extends the leases whose validity runs short. */
  async extend(): Promise<void> {
    const { ttl } = this.#request;
    const short = this.#shared.filter((lease) => lease.remaining() < ttl / 2);
    await this.#whileWaiting(() => Promise.all(short.map((lease) => lease.extend(ttl))));
  }

  /** What was lacking is acquired. The handle shows the token of that lease. */
  add(acquired: Lease): void {
    this.#leases = [acquired, ...this.#shared];
  }

  /**
   * Brings all leases to one fencing token.
   * @returns the leases of the new handle
   * @throws LockLostError, ResourceLockedError, QuorumError
   */
  async complete(): Promise<Leases> {
    const { resources } = this.#request;
    await this.#whileWaiting(() => agreeOnHighest(resources, this.#leases));
    throwIfCanceled(this.#request, this.#services.closed);
    // All of this takes time, and validity may have ended meanwhile.
    for (const lease of this.#leases) lease.throwIfOver(resources);
    return this.#leases;
  }

  /** The call has failed. */
  async leave(): Promise<void> {
    await Promise.all(this.#leases.map((lease) => lease.release(0)));
  }

  /** Runs `act`, and again while the time to wait lasts if too many nodes are unreachable. */
  async #whileWaiting(act: () => Promise<unknown>): Promise<void> {
    const { runtime, closed } = this.#services;
    const { pollInterval, signal } = this.#request;
    for (;;) {
      try {
        await act();
        return;
      } catch (error) {
        if (!QuorumError.is(error) || runtime.now() >= this.#deadline) throw error;
        await new Pause(blindPollOf(pollInterval, runtime.random()), runtime, [signal, closed])
          .over;
        throwIfCanceled(this.#request, closed);
      }
    }
  }
}

/**
 * A shared lease cannot become exclusive: two holders that want that would wait for each other.
 * @throws RangeError
 */
function requireExclusive({ mode }: LockRequest, held: readonly Lease[]): void {
  const shared = held.find((lease) => lease.mode === 'shared');
  if (mode === 'shared' || !shared) return;
  throw new RangeError(
    `The caller holds a shared lock on ${quote(shared.resources)}, which cannot become exclusive, because two ` +
      'callers that want that would wait for each other; release it first, or acquire it as exclusive',
  );
}

/**
 * A lease that was acquired without fencing has no fencing token, so a caller that wants one may not share it.
 * @throws RangeError
 */
function requireFencing({ fencing }: LockRequest, shared: readonly Lease[]): void {
  const unfenced = shared.find(({ claim }) => !claim.keys.fenced);
  if (!fencing || !unfenced) return;
  throw new RangeError(
    `The lock on ${quote(unfenced.resources)} is held with fencing: false, so a handle on it has no fencing ` +
      'token; acquire it with fencing, or re-enter it with fencing: false',
  );
}

/**
 * Raises all leases to one fencing token: a lock has one token on all its resources, also if they were acquired bit by
 * bit.
 */
async function agreeOnHighest(
  resources: readonly string[],
  leases: readonly Lease[],
): Promise<void> {
  for (;;) {
    const highest = highestOf(leases);
    const behind = leases.filter(({ claim }) => claim.keys.fenced && claim.fencingToken < highest);
    if (behind.length === 0) return;
    // Another branch of this owner may raise one of them further meanwhile, so look again.
    await Promise.all(behind.map((lease) => lease.raise(highest, resources)));
  }
}

function highestOf(leases: readonly Lease[]): number {
  return Math.max(0, ...leases.map(({ claim }) => claim.fencingToken));
}
