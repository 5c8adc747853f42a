import { EventEmitter } from 'node:events';
import type { QuittableClient } from '../shared/clients.js';
import { hide } from '../shared/inspection.js';
import { nodeErrorOf } from '../shared/node-error.js';
import { expirationOf, PolledLocks } from '../shared/polled-locks.js';
import { voteEvents } from '../shared/vote-events.js';
import { DEFAULT_TERMS, termsOf, type Terms } from '../shared/terms.js';
import { bluebird, type Disposer } from './bluebird.js';
import { promiseFor, type Callback as NodeCallback, type DonePromise } from './callback.js';
import { LockError } from './lock-error.js';
import { Lock } from './lock.js';
import { refuseScripts, type Options as LockOptions } from './options.js';

/** Once: a release is owed to nodes that do not answer, so asking them again adds nothing. */
const ONCE = { retryCount: 0 };

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
export class Redlock extends EventEmitter {
  static readonly Lock = Lock;
  static readonly LockError = LockError;

  readonly driftFactor: number;
  readonly retryCount: number;
  readonly retryDelay: number;
  readonly retryJitter: number;
  readonly servers: readonly QuittableClient[];
  readonly #locks: PolledLocks;
  /** What a quorum has released: releasing it once more is an error, as with redlock 4. */
  readonly #released = new WeakSet<object>();

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
    const terms = termsOf<Terms>(options, DEFAULT_TERMS);
    this.driftFactor = terms.driftFactor;
    this.retryCount = terms.retryCount;
    this.retryDelay = terms.retryDelay;
    this.retryJitter = terms.retryJitter;
    this.servers = [...clients];
    hide(this, 'servers');
    this.#locks = new PolledLocks(this.servers);
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
   * Makes what `using` of bluebird takes. The lock is acquired at once, and released when `using` is over.
   * @param unlockErrorHandler is told why a release failed; otherwise nobody is
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
    const resource = Array.isArray(given) ? given : [given];
    const terms = termsOf<Terms>(options, this.#defaults);
    const { outcome: hold, tries } = await this.#locks.acquire(resource, ttl, terms, this.#tell);
    const { retryCount } = terms;
    if (hold === null) throw exceeded(retryCount, resource, tries.length);
    const expiration = expirationOf(hold);
    const remaining = retryCount - tries.length;
    const lock = new Lock(this, resource, hold.token, expiration, tries.length, remaining);
    this.#locks.bind(lock, hold, resource);
    return lock;
  }

  async #release(lock: Lock): Promise<void> {
    const hold = this.#holdOf(lock);
    lock.expiration = 0;
    const terms = { ...this.#defaults, ...ONCE };
    const wasReleased = this.#released.has(hold);
    const { outcome, tries } = await this.#locks.release(hold, terms, this.#tell);
    if (outcome === 'released' && !wasReleased) {
      this.#released.add(hold);
      return;
    }
    throw new LockError(
      `Unable to fully release the lock on resource "${nameOf(lock.resource)}".`,
      tries.length,
    );
  }

  async #extend(lock: Lock, ttl: number): Promise<Lock> {
    const { resource } = lock;
    if (lock.expiration < Date.now()) {
      throw new LockError(
        `Cannot extend lock on resource "${nameOf(resource)}" because the lock has already expired.`,
        0,
      );
    }
    const hold = this.#holdOf(lock);
    const terms = this.#defaults;
    const { outcome, tries } = await this.#locks.extend(hold, ttl, terms, this.#tell);
    if (outcome !== 'extended') throw exceeded(terms.retryCount, resource, tries.length);
    lock.expiration = expirationOf(hold);
    return lock;
  }

  readonly #tell = voteEvents(this, 'clientError', nodeErrorOf);

  get #defaults(): Terms {
    const { driftFactor, retryCount, retryDelay, retryJitter } = this;
    return { driftFactor, retryCount, retryDelay, retryJitter };
  }

  #holdOf(lock: Lock): ReturnType<PolledLocks['holdOf']> {
    const { resource, value, expiration } = lock;
    const resources = Array.isArray(resource) ? resource : [resource];
    return this.#locks.holdOf(lock, resources, value, expiration);
  }
}

/** The types by the names that `require` gives them, as `Redlock.Lock`. */
// oxlint-disable-next-line typescript/no-namespace -- what is required has no other place for types
export namespace Redlock {
  export type Lock = import('./lock.js').Lock;
  export type LockError = import('./lock-error.js').LockError;
  export type Options = LockOptions;
  export type Callback<T> = NodeCallback<T>;
}

function exceeded(
  retryCount: number,
  resource: string | readonly string[],
  attempts: number,
): LockError {
  return new LockError(
    `Exceeded ${retryCount} attempts to lock the resource "${nameOf(resource)}".`,
    attempts,
  );
}

function nameOf(resource: string | readonly string[]): string {
  return String(resource);
}
