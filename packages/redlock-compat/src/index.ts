import { EventEmitter } from 'node:events';
import type { Hold } from 'redlock-core/internal';
import { hide } from './clients.js';
import { guard, type RedlockAbortSignal } from './guard.js';
import { DEFAULT_TERMS, expirationOf, PolledLocks, termsOf, type Polled } from './polling.js';
import {
  ExecutionError,
  ResourceLockedError,
  statisticsOf,
  type Client,
  type ExecutionResult,
  type ExecutionStats,
} from './statistics.js';

export { ExecutionError, ResourceLockedError, type RedlockAbortSignal };
export type { Client, ExecutionResult, ExecutionStats };
export type { ClientExecutionResult } from './statistics.js';

/** Settings of a Redlock, and of single calls. */
export interface Settings {
  /** The fraction of a duration by which clocks may drift apart over it. Default 0.01. */
  readonly driftFactor: number;
  /** How many attempts may follow the first one. Default 10; 0 tries once; -1 tries until it succeeds. */
  readonly retryCount: number;
  /** The pause between two attempts, in ms. Default 200. */
  readonly retryDelay: number;
  /** Each pause is longer or shorter at random, by this at most, in ms. Default 100. */
  readonly retryJitter: number;
  /** `using` extends the lock when this much of its duration is left, in ms. Default 500. */
  readonly automaticExtensionThreshold: number;
}

const DEFAULT_SETTINGS: Settings = { ...DEFAULT_TERMS, automaticExtensionThreshold: 500 };

type Attempts = ReadonlyArray<Promise<ExecutionStats>>;
type Routine<T> = (signal: RedlockAbortSignal) => Promise<T>;

const NO_QUORUM = 'The operation was unable to achieve a quorum during its retry window.';

/** An extension that begins later than this before the end of a lock may come too late, in ms. */
const MIN_BEFORE_EXTENSION = 100;

/**
 * A lock that is held. `new Lock` makes a handle on a lock of another handle, perhaps of another process, from its
 * resources and its value.
 */
export class Lock {
  /** @param expiration when it ends, on the wall clock, in ms; 0 once it was released, or extended into another Lock */
  constructor(
    readonly redlock: Redlock,
    readonly resources: string[],
    readonly value: string,
    readonly attempts: ReadonlyArray<Promise<ExecutionStats>>,
    public expiration: number,
  ) {
    hide(this, 'redlock');
  }

  /** The same as {@link Redlock.release}. */
  async release(): Promise<ExecutionResult> {
    return this.redlock.release(this);
  }

  /** The same as {@link Redlock.extend}. */
  async extend(duration: number): Promise<Lock> {
    return this.redlock.extend(this, duration);
  }
}

/**
 * The interface of redlock 5, over redlock-core.
 *
 * It emits `error` for each vote against an operation: a {@link ResourceLockedError}, or what went wrong at a node. No
 * listener is needed.
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
    this.settings = termsOf(settings, DEFAULT_SETTINGS);
    this.#members = [...this.clients];
    this.#locks = new PolledLocks(this.#members, (error) => this.emit('error', error));
    hide(this, 'clients');
    // Otherwise an error without a listener would end the process.
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
    const terms = this.#termsOf(settings);
    const denial = () => notApplied(resources);
    const polled = await this.#locks.acquire(resources, duration, terms, denial);
    const attempts = this.#attemptsOf(polled);
    const { outcome: hold } = polled;
    if (hold === null) throw new ExecutionError(NO_QUORUM, attempts);
    return this.#lockOf(hold, resources, attempts);
  }

  /**
   * Releases a lock on all nodes that have it. If it has expired, this is no error.
   * @throws ExecutionError if no quorum confirms that it held the lock until now. A lock that is not released ends with
   * its duration.
   */
  async release(lock: Lock, settings?: Partial<Settings>): Promise<ExecutionResult> {
    const hold = this.#holdOf(lock);
    lock.expiration = 0;
    const terms = this.#termsOf(settings);
    const { resources } = lock;
    // Those of several resources that a node has are released.
    const denial = () => notApplied(resources, resources.length > 1 ? 'not all' : '0');
    const polled = await this.#locks.release(hold, terms, denial);
    const attempts = this.#attemptsOf(polled);
    if (polled.outcome === 'released' || polled.isExpired) return { attempts };
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
    const hold = this.#holdOf(existing);
    const terms = this.#termsOf(settings);
    const { resources } = existing;
    const polled = await this.#locks.extend(hold, duration, terms, () => notApplied(resources));
    const attempts = this.#attemptsOf(polled);
    if (polled.outcome !== 'extended') throw new ExecutionError(NO_QUORUM, attempts);
    existing.expiration = 0;
    return this.#lockOf(hold, resources, attempts);
  }

  /**
   * Runs a routine under a lock, which is extended while the routine runs and released afterwards.
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
    given: Partial<Settings> | Routine<T>,
    last?: Routine<T>,
  ): Promise<T> {
    requireWhole(duration);
    const settings = this.#termsOf(typeof given === 'function' ? undefined : given);
    const routine = last ?? given;
    if (typeof routine !== 'function') throw new Error('INVARIANT: routine is not a function.');
    const { automaticExtensionThreshold: threshold } = settings;
    if (threshold > duration - MIN_BEFORE_EXTENSION) {
      throw new Error(
        'A lock `duration` must be at least 100ms greater than the `automaticExtensionThreshold` setting.',
      );
    }
    let lock = await this.acquire(resources, duration, settings);
    const hold = this.#holdOf(lock);
    const extend = async () => (lock = await this.extend(lock, duration, settings));
    const { signal, end } = guard({ remaining: () => hold.remaining(), extend }, threshold);
    let result: T;
    try {
      result = await routine(signal);
    } finally {
      end();
      // The work is done under the lock, whether or not the nodes confirm the release. Events say why they do not.
      await this.release(lock, settings).catch(() => {});
    }
    if (signal.error) throw signal.error;
    return result;
  }

  #lockOf(hold: Hold, resources: string[], attempts: Attempts): Lock {
    const lock = new Lock(this, resources, hold.token, attempts, expirationOf(hold));
    this.#locks.bind(lock, hold, resources);
    return lock;
  }

  #holdOf(lock: Lock): Hold {
    return this.#locks.holdOf(lock, lock.resources, lock.value, lock.expiration);
  }

  #termsOf(settings: Partial<Settings> | undefined): Settings {
    return termsOf(settings, this.settings);
  }

  #attemptsOf({ tries }: Polled<unknown>): Attempts {
    return tries.map((objections) => statisticsOf(objections, this.#members, this.#locks.quorum));
  }
}

function requireWhole(duration: number): void {
  if (Math.floor(duration) !== duration) {
    throw new Error('Duration must be an integer value in milliseconds.');
  }
}

function notApplied({ length }: readonly string[], applied = '0'): ResourceLockedError {
  return new ResourceLockedError(
    `The operation was applied to: ${applied} of the ${length} requested resources.`,
  );
}
