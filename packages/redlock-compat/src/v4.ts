import { EventEmitter } from 'node:events';
import type { Hold } from 'redlock-core/internal';
import { hide, type QuittableClient } from './clients.js';
import {
  DEFAULT_TERMS,
  expirationOf,
  PolledLocks,
  termsOf,
  type Polled,
  type Terms,
} from './polling.js';
import {
  bluebird,
  promiseFor,
  type Callback as NodeCallback,
  type Disposer,
  type DonePromise,
} from './promises.js';

/** Options of a Redlock, and of single calls. */
interface LockOptions {
  /** The fraction of a ttl by which clocks may drift apart over it. Default 0.01. */
  driftFactor?: number;
  /** How many attempts may follow the first one. Default 10; 0 tries once; -1 tries until it succeeds. */
  retryCount?: number;
  /** The pause between two attempts, in ms. Default 200. */
  retryDelay?: number;
  /** Each pause is longer or shorter at random, by this at most, in ms. Default 100. */
  retryJitter?: number;
}

/** A lock could not be acquired, extended or released. */
class LockError extends Error {
  override readonly name = 'LockError';

  /** @param attempts the number of attempts */
  constructor(
    override readonly message = 'Failed to lock the resource.',
    readonly attempts?: number,
  ) {
    super();
  }
}

/**
 * A lock that is held. `new Lock` makes a handle on a lock of another handle, perhaps of another process, from its
 * resources and its value.
 */
class Lock {
  /**
   * @param expiration when it ends, on the wall clock, in ms; 0 once it was released
   * @param attempts the number of attempts
   * @param attemptsRemaining the number of attempts that were left
   */
  constructor(
    readonly redlock: Redlock,
    readonly resource: string | string[],
    readonly value: string,
    public expiration: number,
    readonly attempts = 0,
    readonly attemptsRemaining = 0,
  ) {
    hide(this, 'redlock');
  }

  /** The same as {@link Redlock.unlock}. */
  unlock(callback?: NodeCallback<void>): DonePromise<void> {
    return this.redlock.unlock(this, callback);
  }

  /** The same as {@link Redlock.extend}. */
  extend(ttl: number, callback?: NodeCallback<Lock>): DonePromise<Lock> {
    return this.redlock.extend(this, ttl, callback);
  }
}

/**
 * The interface of redlock 4, over redlock-core.
 *
 * It emits `clientError` for each vote that failed, with what went wrong at the node.
 * @example
 * ```ts
 * import { Redis } from 'ioredis';
 * import Redlock from 'redlock-compat/v4';
 *
 * const clients = ['redis-1', 'redis-2', 'redis-3'].map((host) => new Redis({ host }));
 * const redlock = new Redlock(clients, { retryCount: 20 });
 * const lock = await redlock.lock('invoice:42', 10_000);
 * await lock.unlock();
 * ```
 */
class Redlock extends EventEmitter {
  static readonly Lock = Lock;
  static readonly LockError = LockError;

  readonly driftFactor: number;
  readonly retryCount: number;
  readonly retryDelay: number;
  readonly retryJitter: number;
  readonly servers: readonly QuittableClient[];
  readonly #locks: PolledLocks;
  /** What a quorum has released: releasing it once more is an error, as with redlock 4. */
  readonly #released = new WeakSet<Hold>();

  /**
   * @param clients of ioredis, one for each independent server, Sentinel group or Cluster
   * @param options defaults of all calls
   * @throws TypeError, RangeError for bad arguments
   */
  constructor(clients: readonly QuittableClient[], options?: LockOptions) {
    super();
    refuseScripts(options);
    if (clients.length === 0) {
      throw new Error('Redlock must be instantiated with at least one redis server.');
    }
    const terms = termsOf(options, DEFAULT_TERMS);
    this.driftFactor = terms.driftFactor;
    this.retryCount = terms.retryCount;
    this.retryDelay = terms.retryDelay;
    this.retryJitter = terms.retryJitter;
    this.servers = [...clients];
    hide(this, 'servers');
    this.#locks = new PolledLocks(this.servers, (error) => this.emit('clientError', error));
  }

  /**
   * Locks all of the resources.
   * @param ttl in ms
   * @throws LockError if no attempt got a quorum; TypeError, RangeError for bad arguments
   */
  acquire(
    resource: string | string[],
    ttl: number,
    callback?: NodeCallback<Lock>,
  ): DonePromise<Lock> {
    return this.acquireWithOptions(resource, ttl, {}, callback);
  }

  /** The same, with options of this call's own. */
  acquireWithOptions(
    resource: string | string[],
    ttl: number,
    options?: LockOptions,
    callback?: NodeCallback<Lock>,
  ): DonePromise<Lock> {
    return promiseFor(this.#acquire(resource, ttl, options), callback);
  }

  /** The same as {@link acquire}. */
  lock(resource: string | string[], ttl: number, callback?: NodeCallback<Lock>): DonePromise<Lock> {
    return this.acquire(resource, ttl, callback);
  }

  /** The same as {@link acquireWithOptions}. */
  lockWithOptions(
    resource: string | string[],
    ttl: number,
    options?: LockOptions,
    callback?: NodeCallback<Lock>,
  ): DonePromise<Lock> {
    return this.acquireWithOptions(resource, ttl, options, callback);
  }

  /**
   * Returns a disposer for `using` of bluebird. The lock is acquired at once, and released when `using` has ended.
   * @param unlockErrorHandler is called with the error of a release that failed
   * @throws Error if bluebird is not installed
   */
  disposer(
    resource: string | string[],
    ttl: number,
    unlockErrorHandler: (error: unknown) => void = () => {},
  ): Disposer<Lock> {
    const promises = bluebird();
    if (promises === null) {
      throw new Error('disposer needs the package bluebird: install it beside redlock-compat');
    }
    const acquired = promises.resolve(this.#acquire(resource, ttl, {}));
    return acquired.disposer((lock) => lock.unlock().catch(unlockErrorHandler));
  }

  /**
   * Releases a lock on all nodes that have it.
   * @throws LockError if no quorum confirms that it held the lock until now, also if the lock had expired or was released
   * before. A lock that is not released ends with its ttl.
   */
  release(lock: Lock, callback?: NodeCallback<void>): DonePromise<void> {
    return promiseFor(this.#release(lock), callback);
  }

  /** The same as {@link release}. */
  unlock(lock: Lock, callback?: NodeCallback<void>): DonePromise<void> {
    return this.release(lock, callback);
  }

  /**
   * Extends a lock to `ttl` from now, if it does not last longer anyway.
   * @param ttl in ms
   * @returns the same lock
   * @throws LockError if the lock has expired, or if no attempt got a quorum; the lock is then as it was
   */
  extend(lock: Lock, ttl: number, callback?: NodeCallback<Lock>): DonePromise<Lock> {
    return promiseFor(this.#extend(lock, ttl), callback);
  }

  /**
   * Ends polling, and calls `quit` of all clients. One that does not answer within a second is disconnected.
   * @returns what the clients returned
   */
  quit(callback?: NodeCallback<unknown[]>): DonePromise<unknown[]> {
    return promiseFor(this.#locks.quit(), callback);
  }

  async #acquire(
    given: string | string[],
    ttl: number,
    options: LockOptions | undefined,
  ): Promise<Lock> {
    const resource = listOf(given);
    const terms = termsOf(options, this.#defaults);
    const { outcome: hold, tries } = await this.#locks.acquire(resource, ttl, terms);
    const { retryCount } = terms;
    if (hold === null) throw await exceeded(retryCount, resource, tries);
    const remaining = retryCount - tries.length;
    const expiration = expirationOf(hold);
    const lock = new Lock(this, resource, hold.token, expiration, tries.length, remaining);
    this.#locks.bind(lock, hold, resource);
    return lock;
  }

  async #release(lock: Lock): Promise<void> {
    const hold = this.#holdOf(lock);
    lock.expiration = 0;
    const wasReleased = this.#released.has(hold);
    // Once: nodes that do not answer get the release later, so asking them again adds nothing.
    const terms = { ...this.#defaults, retryCount: 0 };
    const { outcome, tries } = await this.#locks.release(hold, terms);
    if (outcome !== 'released' || wasReleased) {
      const name = String(lock.resource);
      throw await failureOf(tries, `Unable to fully release the lock on resource "${name}".`);
    }
    this.#released.add(hold);
  }

  async #extend(lock: Lock, ttl: number): Promise<Lock> {
    const { resource } = lock;
    if (lock.expiration < Date.now()) {
      throw new LockError(
        `Cannot extend lock on resource "${String(resource)}" because the lock has already expired.`,
        0,
      );
    }
    const hold = this.#holdOf(lock);
    const { outcome, tries } = await this.#locks.extend(hold, ttl, this.#defaults);
    if (outcome !== 'extended') throw await exceeded(this.retryCount, resource, tries);
    lock.expiration = expirationOf(hold);
    return lock;
  }

  get #defaults(): Terms {
    const { driftFactor, retryCount, retryDelay, retryJitter } = this;
    return { driftFactor, retryCount, retryDelay, retryJitter };
  }

  #holdOf(lock: Lock): Hold {
    return this.#locks.holdOf(lock, listOf(lock.resource), lock.value, lock.expiration);
  }
}

/** The types by the names that `require` gives them, as `Redlock.Lock`. */
// oxlint-disable-next-line typescript/no-namespace -- what is required has no other place for types
namespace Redlock {
  export type Lock = InstanceType<typeof Redlock.Lock>;
  export type LockError = InstanceType<typeof Redlock.LockError>;
  export type Options = LockOptions;
  export type Callback<T> = NodeCallback<T>;
}

export type { Disposer, DonePromise, Lock, LockError, LockOptions as Options, QuittableClient };
export type { Callback } from './promises.js';
export default Redlock;

/** @throws TypeError for scripts of the user's own */
function refuseScripts(options: object | undefined): void {
  const given = ['lockScript', 'unlockScript', 'extendScript'].find(
    (name) => options && Reflect.get(options, name) !== undefined,
  );
  if (given !== undefined) {
    throw new TypeError(
      `The option ${given} cannot be used here: redlock-core has scripts of its own`,
    );
  }
}

function listOf(resource: string | string[]): string[] {
  return Array.isArray(resource) ? resource : [resource];
}

function exceeded(
  retryCount: number,
  resource: string | string[],
  tries: Polled<unknown>['tries'],
): Promise<LockError> {
  return failureOf(
    tries,
    `Exceeded ${retryCount} attempts to lock the resource "${String(resource)}".`,
  );
}

/** Waits for all votes, as redlock 4 does: each `clientError` comes before the failure. */
async function failureOf(tries: Polled<unknown>['tries'], message: string): Promise<LockError> {
  await Promise.all(tries);
  return new LockError(message, tries.length);
}
