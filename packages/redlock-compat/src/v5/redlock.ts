import { EventEmitter } from 'node:events';
import type { Hold, Tell } from 'redlock-core/internal';
import { hide } from '../shared/inspection.js';
import type { Polled, Votes } from '../shared/polling.js';
import { expirationOf, PolledLocks } from '../shared/polled-locks.js';
import { voteEvents } from '../shared/vote-events.js';
import { termsOf, type Terms } from '../shared/terms.js';
import { ExecutionError } from './errors.js';
import { Guard, type RedlockAbortSignal } from './guard.js';
import { Lock } from './lock.js';
import { DEFAULT_SETTINGS, type Settings } from './settings.js';
import {
  errorOf,
  statisticsOf,
  type Client,
  type ExecutionResult,
  type ExecutionStats,
} from './statistics.js';

type Attempts = ReadonlyArray<Promise<ExecutionStats>>;

const NO_QUORUM = 'The operation was unable to achieve a quorum during its retry window.';

/** An extension that begins later than this before the end of a lock may come too late, in ms. */
const LEAST_BEFORE_EXTENSION = 100;

/**
 * The interface of redlock 5, over redlock-core.
 *
 * It emits `error` for each vote against an operation: a {@link ResourceLockedError}, or what went wrong at a node.
 * Nobody has to listen.
 * @example
 * ```ts
 * import { Redis } from 'ioredis';
 * import Redlock from 'redlock-compat';
 *
 * const clients = ['redis-1', 'redis-2', 'redis-3'].map((host) => new Redis({ host }));
 * const redlock = new Redlock(clients, { retryCount: 20 });
 * await redlock.using(['invoice:42'], 10_000, async (signal) => {
 *   await bill(42);
 *   if (signal.aborted) throw signal.error;
 * });
 * ```
 */
export default class Redlock extends EventEmitter {
  readonly clients: Set<Client>;
  readonly settings: Settings;
  readonly #locks: PolledLocks;
  readonly #members: readonly Client[];

  /**
   * @param clients one for each independent server, Sentinel group or Cluster
   * @param settings defaults of all calls
   * @param scripts of redlock 5; own scripts are refused, because redlock-core has its own
   * @throws TypeError, RangeError for bad arguments
   */
  constructor(clients: Iterable<Client>, settings?: Partial<Settings>, scripts?: undefined) {
    super();
    if (scripts !== undefined && Object.keys(scripts).length > 0) {
      throw new TypeError('Own scripts cannot be used here: redlock-core has its own');
    }
    this.clients = new Set(clients);
    if (this.clients.size === 0) {
      throw new Error('Redlock must be instantiated with at least one redis client.');
    }
    this.settings = termsOf<Settings & Terms>(settings, DEFAULT_SETTINGS);
    this.#members = [...this.clients];
    this.#locks = new PolledLocks(this.#members);
    hide(this, 'clients');
    // Otherwise an error that nobody listens to would end the process.
    this.on('error', () => {});
  }

  /** Ends polling, and calls `quit` of all clients. One that does not answer within a second is disconnected. */
  async quit(): Promise<void> {
    await this.#locks.quit();
  }

  /**
   * Locks all of the resources.
   * @param duration in ms
   * @throws ExecutionError if no attempt got a quorum; Error, TypeError, RangeError for bad arguments
   */
  async acquire(
    resources: string[],
    duration: number,
    settings?: Partial<Settings>,
  ): Promise<Lock> {
    requireWhole(duration);
    const count = resources.length;
    const terms = this.#termsOf(settings);
    const polled = await this.#locks.acquire(resources, duration, terms, this.#tell(count));
    const attempts = this.#attemptsOf(polled, count);
    const { outcome: hold } = polled;
    if (hold === null) throw new ExecutionError(NO_QUORUM, attempts);
    return this.#lockOf(hold, resources, attempts);
  }

  /**
   * Gives a lock back on all nodes that have it. Of a lock that has expired, this is no error.
   * @throws ExecutionError if no quorum confirms that it held the lock until now. A lock that is not released ends with
   * its duration.
   */
  async release(lock: Lock, settings?: Partial<Settings>): Promise<ExecutionResult> {
    const count = lock.resources.length;
    const hold = this.#holdOf(lock);
    lock.expiration = 0;
    const terms = this.#termsOf(settings);
    const polled = await this.#locks.release(hold, terms, this.#tell(count));
    const attempts = this.#attemptsOf(polled, count);
    const { outcome } = polled;
    if (outcome === 'released' || polled.isExpired) return { attempts };
    throw new ExecutionError(NO_QUORUM, attempts);
  }

  /**
   * Extends a lock to `duration` from now, if it does not last longer anyway.
   * @param existing expires at once, and the Lock that is returned takes its place
   * @param duration in ms
   * @throws ExecutionError if the lock has expired, or if no attempt got a quorum; `existing` is then as it was
   */
  async extend(existing: Lock, duration: number, settings?: Partial<Settings>): Promise<Lock> {
    requireWhole(duration);
    if (existing.expiration < Date.now()) {
      throw new ExecutionError('Cannot extend an already-expired lock.', []);
    }
    const count = existing.resources.length;
    const hold = this.#holdOf(existing);
    const terms = this.#termsOf(settings);
    const polled = await this.#locks.extend(hold, duration, terms, this.#tell(count));
    const attempts = this.#attemptsOf(polled, count);
    if (polled.outcome !== 'extended') throw new ExecutionError(NO_QUORUM, attempts);
    existing.expiration = 0;
    return this.#lockOf(hold, existing.resources, attempts);
  }

  /**
   * Runs a routine under a lock, which is extended meanwhile and released afterwards.
   * @param duration in ms, at least 100 more than `automaticExtensionThreshold`
   * @returns what the routine returns; its own error wins over every other one
   * @throws ExecutionError if the lock could not be acquired, or was lost before the routine had ended
   */
  async using<T>(
    resources: string[],
    duration: number,
    settings: Partial<Settings>,
    routine?: (signal: RedlockAbortSignal) => Promise<T>,
  ): Promise<T>;
  async using<T>(
    resources: string[],
    duration: number,
    routine: (signal: RedlockAbortSignal) => Promise<T>,
  ): Promise<T>;
  async using<T>(
    resources: string[],
    duration: number,
    given: Partial<Settings> | ((signal: RedlockAbortSignal) => Promise<T>),
    last?: (signal: RedlockAbortSignal) => Promise<T>,
  ): Promise<T> {
    requireWhole(duration);
    const settings = this.#termsOf(typeof given === 'function' ? undefined : given);
    const routine = last ?? given;
    if (typeof routine !== 'function') throw new Error('INVARIANT: routine is not a function.');
    const { automaticExtensionThreshold: threshold } = settings;
    if (threshold > duration - LEAST_BEFORE_EXTENSION) {
      throw new Error(
        'A lock `duration` must be at least 100ms greater than the `automaticExtensionThreshold` setting.',
      );
    }
    let lock = await this.acquire(resources, duration, settings);
    const hold = this.#holdOf(lock);
    const guard = new Guard(
      {
        remaining: () => hold.remaining(),
        extend: async () => (lock = await this.extend(lock, duration, settings)),
      },
      threshold,
    );
    let result: T;
    try {
      result = await routine(guard.signal);
    } finally {
      guard.end();
      // The work is done under the lock, whether or not the nodes confirm the release. Events tell why they do not.
      await this.release(lock, settings).catch(() => {});
    }
    if (guard.signal.error) throw guard.signal.error;
    return result;
  }

  #lockOf(hold: Hold, resources: string[], attempts: Attempts): Lock {
    const lock = new Lock(this, resources, hold.token, attempts, expirationOf(hold));
    this.#locks.bind(lock, hold, lock.resources);
    return lock;
  }

  #holdOf(lock: Lock): Hold {
    return this.#locks.holdOf(lock, lock.resources, lock.value, lock.expiration);
  }

  #termsOf(settings: Partial<Settings> | undefined): Settings & Terms {
    return termsOf<Settings & Terms>(settings, this.settings);
  }

  #attemptsOf({ tries }: Polled<unknown>, resources: number): Attempts {
    const { quorum } = this.#locks;
    return tries.map((votes: Votes) => statisticsOf(votes, this.#members, quorum, resources));
  }

  #tell(resources: number): Tell {
    return voteEvents(this, 'error', (vote) => errorOf(vote, resources));
  }
}

function requireWhole(duration: number): void {
  if (Math.floor(duration) !== duration) {
    throw new Error('Duration must be an integer value in milliseconds.');
  }
}
