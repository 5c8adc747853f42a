import { LockLostError } from '../errors.js';
import type { Lock } from '../lock.js';
import { permitResource, type LockKeys } from '../protocol/keys.js';
import type { Ticketed } from '../protocol/operations.js';
import { isLocked, type AttemptResult, type FailedAttempt, type Granted } from '../quorum/attempt.js';
import { SPLIT_RETRIES, splitPause } from '../quorum/backoff.js';
import { attemptError } from '../quorum/failure.js';
import { denialsIn, votesOf, type Response } from '../quorum/response.js';
import { Pause } from '../time/pause.js';
import { ownersIn } from '../vote.js';
import { explainConflict } from './conflict.js';
import { HeldLock } from './handle.js';
import { Lease, type LeaseServices } from './lease.js';
import { Reentry, type Ownership } from './reentry.js';
import { throwIfCanceled, type LockRequest, type Requests } from './request.js';
import { acquiring, AttemptStats, traceAcquire } from './tracing.js';

/**
 * A caller of a semaphore requests another permit at once this often in a row. In practice a few times are enough; a key
 * that is no string reads as free and is never granted.
 */
const MAX_MOVES = 16;

/** After this many split votes in a row for one permit, any other permit is requested: a dead process may split them. */
const MAX_PERMIT_SPLITS = 3;

/** What a call ends with: its lock, or why it has none. */
type Outcome = Lease | FailedAttempt;

/** Gets locks, in every way that there is. Each ends with a handle, on a new lease or on leases that its owner has. */
export class Acquisition {
  readonly #services: LeaseServices;
  readonly #requests: Requests;
  readonly #ownership: Ownership;
  #underWay = 0;
  /** Is called when no call is under way any more. */
  #onIdle: (() => void) | null = null;

  constructor(services: LeaseServices, requests: Requests, ownership: Ownership) {
    this.#services = services;
    this.#requests = requests;
    this.#ownership = ownership;
  }

  newStats(): AttemptStats {
    return new AttemptStats(this.#services.runtime);
  }

  /** Resolves when no call is under way. */
  async idle(): Promise<void> {
    if (this.#underWay > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve));
  }

  /** Tries until the lock is granted or `wait` is over. */
  acquire(request: LockRequest, stats = this.newStats()): Promise<Lock> {
    if (!acquiring.isOn) return this.#acquire(request, stats);
    return traceAcquire('acquire', request, stats, () => this.#acquire(request, stats));
  }

  /**
   * Tries once.
   * @returns null if others hold the lock
   */
  tryAcquire(request: LockRequest): Promise<Lock | null> {
    const stats = this.newStats();
    if (!acquiring.isOn) return this.#tryAcquire(request, stats);
    return traceAcquire('tryAcquire', request, stats, () => this.#tryAcquire(request, stats));
  }

  /** Takes a lock over, for example from another process. */
  adopt(request: LockRequest): Promise<Lock> {
    const stats = this.newStats();
    if (!acquiring.isOn) return this.#acquire(request, stats);
    return traceAcquire('adopt', request, stats, () => this.#acquire(request, stats));
  }

  async #acquire(request: LockRequest, stats: AttemptStats): Promise<Lock> {
    const result = await this.#obtain(request, stats);
    if (result instanceof HeldLock) return result;
    throw this.#failure(request, result);
  }

  async #tryAcquire(request: LockRequest, stats: AttemptStats): Promise<Lock | null> {
    const result = await this.#obtain(request, stats);
    if (result instanceof HeldLock) return result;
    if (isLocked(result)) return null;
    throw this.#failure(request, result);
  }

  /**
   * Gets a lock, and counts as a call under way meanwhile. The count is in `finally` and not in a `then`: V8 shows the
   * async callers in an error's stack only if each promise on the way has one reaction.
   */
  async #obtain(request: LockRequest, stats: AttemptStats): Promise<HeldLock | FailedAttempt> {
    this.#underWay++;
    try {
      if (request.reentrant) {
        const { resources } = request;
        const shared = this.#ownership.current?.filter(
          (lease) =>
            lease.remaining() > 0 && lease.resources.some((name) => resources.includes(name)),
        );
        if (shared && shared.length > 0) return await this.#reenter(request, stats, shared);
      }
      const result = await this.#take(request, stats);
      return result instanceof Lease ? (result.lock as HeldLock) : result;
    } finally {
      if (--this.#underWay === 0) this.#onIdle?.();
    }
  }

  async #reenter(
    request: LockRequest,
    stats: AttemptStats,
    shared: readonly Lease[],
  ): Promise<HeldLock | FailedAttempt> {
    const reentry = new Reentry(this.#services, request, shared, stats.start);
    try {
      await reentry.extend();
      const { lacking, fencingToken } = reentry;
      let acquired: Outcome | null = null;
      if (lacking.length > 0) {
        acquired = await this.#take(this.#requests.part(request, lacking, fencingToken), stats);
      }
      if (acquired === null || acquired instanceof Lease) {
        const [lease, ...others] = await reentry.complete(acquired);
        if (lease) return new HeldLock(request, lease, others);
      }
      await reentry.leave();
      return acquired as FailedAttempt;
    } catch (error) {
      await reentry.leave();
      throw error;
    }
  }
}
