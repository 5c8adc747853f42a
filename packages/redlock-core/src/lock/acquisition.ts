import type { Attempt, Attempts, Granted } from '../attempt/attempt.js';
import type { Cancellation } from '../attempt/cancellation.js';
import { isBusy } from '../attempt/refusal.js';
import { longestPauses, SPLIT_RETRIES, splitPause } from '../attempt/split-vote.js';
import { LockLostError } from '../errors.js';
import { ownersIn } from '../vote.js';
import { votesOf } from '../node/response.js';
import type { QueueTerms } from '../attempt/queue-terms.js';
import type { Quorum } from '../quorum/quorum.js';
import type { Runtime } from '../time/runtime.js';
import { requestError, type OwnerRequest } from '../waiting/own-holder.js';
import { Waiter, type WaiterServices } from '../waiting/waiter.js';
import type { Emitter } from './emitter.js';
import { Lease, type LeaseServices, type LeaseTerms } from './lease.js';
import type { Tries } from './tries.js';

/**
 * A caller of a semaphore names another permit at once this often in a row. In practice a few times are enough; a key that
 * is no string reads as free and is never granted.
 */
const MOST_MOVES = 16;

/** A request for a lock, with the terms on which the lock is then held. */
export interface LockRequest extends OwnerRequest, LeaseTerms {
  readonly owned: readonly Lease[] | undefined;
}

/** Gets locks, in every way that there is. */
export class Acquisition {
  readonly #attempts: Attempts;
  readonly #quorum: Pick<Quorum, 'isConnected'>;
  readonly #cancellation: Cancellation;
  readonly #runtime: Runtime;
  readonly #events: Emitter;
  readonly #waiters: WaiterServices;
  readonly #leases: LeaseServices;

  constructor(attempts: Attempts, waiters: WaiterServices, leases: LeaseServices) {
    this.#attempts = attempts;
    this.#quorum = leases.quorum;
    this.#cancellation = waiters.cancellation;
    this.#runtime = leases.runtime;
    this.#events = leases.events;
    this.#waiters = waiters;
    this.#leases = leases;
  }

  /** Tries until the lock is granted or `wait` is over. */
  async acquire(request: LockRequest, tries: Tries): Promise<Lease> {
    if (request.wait === 0) return this.#acquireAtOnce(request, tries);
    const waiter = new Waiter(this.#waiters, request);
    let gaveUp = true;
    try {
      for (;;) {
        while (!waiter.takesTurn()) await waiter.turn();
        const result = await this.#contend(request, tries, waiter);
        if (result.granted) {
          const lease = this.#lease(request, tries, result);
          gaveUp = !(lease instanceof Lease);
          return lease;
        }
        await waiter.refused(result);
      }
    } finally {
      waiter.leave(gaveUp);
    }
  }

  /**
   * Tries once.
   * @returns null if others hold the lock
   */
  async tryAcquire(request: LockRequest, tries: Tries): Promise<Lease | null> {
    const result = await this.#contend(request, tries);
    if (result.granted) return this.#lease(request, tries, result);
    if (isBusy(result)) return null;
    throw requestError(this.#waiters.lines, request, result);
  }

  /**
   * Takes a lock over, for example from another process.
   * @param token the one with which the lock is held
   */
  async adopt(request: LockRequest, tries: Tries, token: string): Promise<Lease> {
    this.#cancellation.throwIfCancelled(request);
    tries.attempts++;
    const result = await this.#attempt(request, Infinity, token);
    if (result.granted) return this.#lease(request, tries, result, token);
    this.#cancellation.throwIfCancelled(request);
    if (!isBusy(result)) throw requestError(this.#waiters.lines, request, result);
    throw new LockLostError('TAKEN', request.resources, votesOf(result.responses));
  }

  async #acquireAtOnce(request: LockRequest, tries: Tries): Promise<Lease> {
    const result = await this.#contend(request, tries);
    if (result.granted) return this.#lease(request, tries, result);
    throw requestError(this.#waiters.lines, request, result);
  }

  /**
   * Makes one attempt. If contenders split the votes of a free resource, makes another after a random pause; otherwise
   * none of several that ask at the same moment might get it. Those that stand in the queues are called by the nodes.
   *
   * Of a semaphore, each attempt is for one permit; as long as another one is free, another attempt follows.
   * @param waiter that of the caller, if it waits
   */
  async #contend(request: LockRequest, tries: Tries, waiter?: Waiter): Promise<Attempt> {
    const { permits } = request;
    for (let retries = 0, moves = 0; ;) {
      this.#cancellation.throwIfCancelled(request);
      const asked = permits ? { ...request, lockKeys: permits.next() } : request;
      const queue = waiter?.asking() ?? null;
      tries.attempts++;
      const left = waiter ? request.wait - tries.waited : Infinity;
      const result = await this.#attempt(asked, left, undefined, queue);
      if (result.granted) return result;
      this.#cancellation.throwIfCancelled(request);
      if (isBusy(result)) {
        const votes = votesOf(result.responses);
        const { resources } = permits ?? request;
        this.#events.emit('contended', {
          resources: Object.freeze([...resources]),
          votes,
          owners: ownersIn(votes),
        });
      }
      const hasOther = permits?.refused(result) === true && moves++ < MOST_MOVES;
      if (hasOther && result.refusal === 'held') continue;
      // If there is too little time to wait for calls, the caller does no worse than one who does not wait.
      const canWait =
        queue !== null || waiter?.hasTimeFor(longestPauses(result.responses)) === true;
      const isLeftToWaiter = canWait && !hasOther;
      if (result.refusal !== 'split' || isLeftToWaiter || retries === SPLIT_RETRIES) return result;
      const pause = splitPause(result.responses, retries++, this.#runtime);
      await this.#cancellation.pause(pause, request);
    }
  }

  /**
   * Makes one attempt.
   * @param ms for how long the caller can wait for connections that are being made
   */
  async #attempt(
    request: LockRequest,
    ms: number,
    from?: string,
    queue: QueueTerms | null = null,
  ): Promise<Attempt> {
    // Perf: latency, alone. Nearly always, all nodes are connected, and no timer is needed.
    if (this.#quorum.isConnected) return this.#attempts.make(request, from, queue);
    const limit = this.#cancellation.pauseFor(ms, request);
    limit.unref();
    const isCanceled = (): boolean => this.#cancellation.isCanceled(request);
    try {
      const connecting = { over: limit.over, isCanceled };
      return await this.#attempts.make(request, from, queue, undefined, connecting);
    } finally {
      limit.end();
    }
  }

  /**
   * Holds what was granted, or gives it up if the caller has been cancelled meanwhile. Then nobody has held it, and no
   * event tells of it.
   * @param from of an adoption: the token that was taken over, which is given back then. Its holder may be alive, and a
   * key that is deleted goes to somebody else.
   */
  #lease(
    request: LockRequest,
    tries: Tries,
    granted: Granted,
    from: string | null = null,
  ): Lease | Promise<never> {
    let held: Lease | null = null;
    try {
      this.#cancellation.throwIfCancelled(request);
      const { permits } = request;
      const terms = permits ? { ...request, resources: permits.resources } : request;
      held = new Lease(this.#leases, terms, granted, tries);
      // A listener of `acquired` may have cancelled the caller just now.
      this.#cancellation.throwIfCancelled(request);
      return held;
    } catch (reason) {
      granted.claim.successor = from;
      const given = held ? held.release(0) : this.#attempts.giveUp(granted.claim, request);
      return given.then(() => {
        throw reason;
      });
    }
  }
}
