import { LockLostError } from '../errors.js';
import type { Lock } from '../lock.js';
import { permitResource, type LockKeys } from '../protocol/keys.js';
import type { Ticketed } from '../protocol/operations.js';
import {
  isLocked,
  type AttemptResult,
  type FailedAttempt,
  type Granted,
} from '../quorum/attempt.js';
import { attemptError } from '../quorum/error-messages.js';
import { collectVotes, votesOf } from '../quorum/response.js';
import { ownersIn } from '../vote.js';
import type { WaitTerms } from '../waiting/waiter.js';
import { explainConflict } from './conflict.js';
import { callListener } from './emitter.js';
import { HeldLock, withCallerStack } from './handle.js';
import { Lease, type LeaseServices } from './lease.js';
import { Reentry, type Ownership } from './reentry.js';
import { throwIfCanceled, type LockRequest, type Requests } from './request.js';
import { retrying, stealing } from './retries.js';
import { acquiring, AttemptStats, traceAcquire } from './tracing.js';

/** Gets locks, in every way that there is. Each ends with a handle, on a new lease or on leases that its owner has. */
export class Acquisition {
  readonly #services: LeaseServices;
  readonly #requests: Requests;
  readonly #ownership: Ownership;
  #underWay = 0;
  /** Called when the last call has ended. */
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

  /** Tries until the lock is granted or `wait` has passed. */
  acquire(request: LockRequest, stats = this.newStats()): Promise<Lock> {
    // Only a call that tries gets null.
    return this.#traced('acquire', request, stats) as Promise<Lock>;
  }

  /**
   * Tries once.
   * @returns null if others hold the lock
   */
  tryAcquire(request: LockRequest, stats = this.newStats()): Promise<Lock | null> {
    return this.#traced('tryAcquire', request, stats);
  }

  /** Takes a lock over, for example from another process. */
  adopt(request: LockRequest): Promise<Lock> {
    return this.#traced('adopt', request, this.newStats()) as Promise<Lock>;
  }

  #traced(
    operation: 'acquire' | 'tryAcquire' | 'adopt',
    request: LockRequest,
    stats: AttemptStats,
  ): Promise<Lock | null> {
    const tries = operation === 'tryAcquire';
    if (!acquiring.isOn) return this.#reenterOrTake(request, stats, tries);
    return traceAcquire(operation, request, stats, () =>
      this.#reenterOrTake(request, stats, tries),
    );
  }

  /**
   * Ends a call whose lock was not granted.
   * @returns null: others hold the lock, and the call only tries
   */
  #failed(request: LockRequest, attempt: FailedAttempt, tries: boolean): null {
    if (tries && isLocked(attempt)) return null;
    throw this.#error(request, attempt);
  }

  #error(request: LockRequest, attempt: FailedAttempt): Error {
    const { resources, adopts } = request;
    if (adopts !== undefined && isLocked(attempt)) {
      return new LockLostError('NOT_HELD', resources, votesOf(attempt.responses));
    }
    const why =
      attempt.verdict === 'locked'
        ? explainConflict(request, this.#services.watchdog.held, this.#ownership.current)
        : undefined;
    return attemptError(resources, attempt, why);
  }

  /**
   * Gets a lock, and counts as a call under way meanwhile. The count is in `finally` and not in a `then`: V8 shows the
   * async callers in an error's stack only if each promise on the way has one reaction.
   * @param tries whether null is returned if others hold the lock
   */
  async #reenterOrTake(
    request: LockRequest,
    stats: AttemptStats,
    tries: boolean,
  ): Promise<Lock | null> {
    this.#underWay++;
    try {
      if (request.reentrant) {
        const [first, ...others] = this.#ownership.sharedWith(request.resources);
        if (first) return await this.#reenter(request, stats, [first, ...others], tries);
      }
      const result = await this.#take(request, stats);
      return result instanceof Lease ? result.lock : this.#failed(request, result, tries);
    } finally {
      if (--this.#underWay === 0) this.#onIdle?.();
    }
  }

  /** Shares leases that the owner has, and takes what they lack. */
  async #reenter(
    request: LockRequest,
    stats: AttemptStats,
    shared: readonly [Lease, ...Lease[]],
    tries: boolean,
  ): Promise<Lock | null> {
    const reentry = new Reentry(this.#services, request, shared, stats.start);
    try {
      await reentry.extend();
      const { lacking, fencingToken } = reentry;
      if (lacking.length > 0) {
        const part = this.#requests.part(request, lacking, fencingToken);
        const result = await this.#take(part, stats);
        if (!(result instanceof Lease)) {
          const none = this.#failed(part, result, tries);
          await reentry.leave();
          return none;
        }
        reentry.add(result);
      }
      const [lease, ...others] = await reentry.complete();
      return new HeldLock(request, lease, others);
    } catch (error) {
      await reentry.leave();
      throw withCallerStack(error);
    }
  }

  /**
   * Takes a lock from the nodes, and holds it.
   * @throws the reason of the caller's signal, or RedlockClosedError. No caller has the lock then.
   */
  async #take(request: LockRequest, stats: AttemptStats): Promise<Lease | FailedAttempt> {
    const { quorum, waiting, closed } = this.#services;
    throwIfCanceled(request, closed);
    const result = await this.#attemptOrWait(request, stats);
    if (!result.granted) {
      throwIfCanceled(request, closed);
      return result;
    }
    const { claim, adopted = null } = result;
    let lease: Lease | null = null;
    try {
      throwIfCanceled(request, closed);
      lease = this.#hold(request, stats, result);
      // A listener of `acquired` may have canceled the caller just now.
      throwIfCanceled(request, closed);
      return lease;
    } catch (reason) {
      // A lock that was taken over gets its former token again. Its holder may live, and keys that are deleted go to other
      // clients.
      claim.adoptedFrom = adopted;
      await (lease ? lease.release(0) : quorum.release(claim, { queue: waiting.releasing(claim) }));
      throw reason;
    }
  }

  #hold(request: LockRequest, stats: AttemptStats, granted: Granted): Lease {
    const { events, watchdog } = this.#services;
    const { waited, attempts } = stats;
    const resources = resourcesOf(request, granted.claim.keys);
    const lease = new Lease(this.#services, resources, request, granted);
    const lock = new HeldLock(lease, lease);
    lease.lock = lock;
    stats.acquired = resources;
    events.emit('acquired', { lock, waited, attempts });
    if (!lease.isOver) watchdog.add(lease);
    return lease;
  }

  /** Requests a lock until it is granted, or the time to wait has passed. */
  async #attemptOrWait(request: LockRequest, stats: AttemptStats): Promise<AttemptResult> {
    const { keys, wait, pollInterval, steal } = request;
    const { waiting } = this.#services;
    if (steal) {
      return await stealing(request, this.#services, (adopts) =>
        this.#attempt({ ...request, adopts }, stats, keys, null),
      );
    }
    if (wait > 0 && waiting.isAwaited(keys)) {
      return await waiting.wait(this.#waitTerms(request, stats, null), null);
    }
    const ticket = wait === 0 ? null : waiting.firstTicket(stats.start, pollInterval);
    const first = await this.#attempt(request, stats, keys, ticket);
    if (!first.granted) return await this.#retryOrWait(request, stats, ticket, first);
    waiting.granted(first.claim);
    return first;
  }

  /** The first attempt has failed. Retries, or waits, as long as the caller has time. */
  async #retryOrWait(
    request: LockRequest,
    stats: AttemptStats,
    ticket: Ticketed | null,
    first: FailedAttempt,
  ): Promise<AttemptResult> {
    const { keys, wait, ttl } = request;
    const { quorum, waiting, closed } = this.#services;
    let result: AttemptResult = first;
    if (wait < quorum.nodeTimeout(ttl)) {
      try {
        result = await retrying(request, this.#services, first, (named) =>
          this.#attempt(request, stats, named, ticket),
        );
      } catch (reason) {
        if (ticket) waiting.canceled(keys, ticket);
        throw reason;
      }
    }
    if (result.granted) waiting.granted(result.claim);
    if (result.granted || wait === 0) return result;
    // A caller that is canceled leaves the queues that it has entered.
    if (!ticket?.entry) throwIfCanceled(request, closed);
    return await waiting.wait(this.#waitTerms(request, stats, ticket), result);
  }

  #waitTerms(request: LockRequest, stats: AttemptStats, ticket: Ticketed | null): WaitTerms {
    const { keys, resources, ttl, pollInterval, wait, signal } = request;
    return {
      keys,
      resources,
      ttl,
      pollInterval,
      wait,
      start: stats.start,
      ticket,
      signal,
      attempt: (named, queue) => this.#attempt(request, stats, named, queue),
    };
  }

  async #attempt(
    request: LockRequest,
    stats: AttemptStats,
    keys: LockKeys,
    queue: Ticketed | null,
  ): Promise<AttemptResult> {
    const { quorum, waiting, events, closed } = this.#services;
    const { ttl, above, adopts, wait, signal, onVotes } = request;
    const deadline = wait === 0 ? Infinity : stats.start + wait;
    stats.attempts++;
    const collect = onVotes && collectVotes(quorum.count, (votes) => callListener(onVotes, votes));
    const terms = { keys, ttl, above, adopts, queue, deadline, signal, onVotes: collect };
    const result = await quorum.attempt(terms);
    if (result.granted) return result;
    waiting.noteTimes(result);
    const isCanceled = signal?.aborted === true || closed.aborted;
    if (isLocked(result) && adopts === undefined && !isCanceled) {
      const votes = votesOf(result.responses);
      const resources = Object.freeze([...resourcesOf(request, keys)]);
      events.emit('contended', { resources, votes, owners: ownersIn(votes) });
    }
    return result;
  }
}

/** The resources of a lock: those that were requested, or that of the permit. */
function resourcesOf({ resources }: LockRequest, { permit }: LockKeys): readonly string[] {
  const [name = ''] = resources;
  return permit === null ? resources : [permitResource(name, permit)];
}
