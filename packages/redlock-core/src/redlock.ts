import type { Redlock as Contract, RedlockConstructor, Routine } from './contract.js';
import { assemble, type Assembly } from './assembly.js';
import { closedError } from './errors.js';
import type { EventName, Listener } from './events.js';
import type { Inspection } from './inspection.js';
import type { LockRequest } from './lock/acquisition.js';
import { connect } from './lock/connection.js';
import { HeldLock, leasesOf } from './lock/handle.js';
import { inspection } from './lock/inspection.js';
import type { Lease } from './lock/lease.js';
import { Ownership } from './lock/ownership.js';
import { reenter, type ReentryServices } from './lock/reentry.js';
import { Requests } from './lock/requests.js';
import { retraced } from './lock/retraced.js';
import type { Lock } from './lock.js';
import { GuardedNode } from './node/guarded-node.js';
import type {
  AcquireOptions,
  CloseOptions,
  ConnectOptions,
  RedlockOptions,
  TryAcquireOptions,
} from './options.js';
import type { RedisNode } from './redis-node.js';
import { parseTryAcquireOptions } from './settings/acquire-settings.js';
import { parseCloseOptions } from './settings/close-options.js';
import { parseConnectOptions } from './settings/connect-options.js';
import { parseNodes } from './settings/node-list.js';
import { parseRedlockOptions } from './settings/settings.js';
import { systemRuntime, type Runtime } from './time/runtime.js';

/** A distributed lock over independent Redis nodes. */
export type Redlock = Contract;

/**
 * A distributed lock over independent Redis nodes, each of which is one vote.
 * @example
 * ```ts
 * const redlock = new Redlock(clients.map(ioredisNode));
 * await redlock.using('invoice:42', 10_000, (signal, lock) => bill(42, lock.fencingToken, signal));
 * ```
 */
export const Redlock: RedlockConstructor = class implements Contract {
  readonly #parts: Assembly;
  readonly #keyPrefix: string;
  readonly #ownership = new Ownership();
  readonly #requests: Requests;
  readonly #reentry: ReentryServices;
  readonly #closing = new AbortController();
  /** The locks under which `using` routines work. */
  readonly #working = new Set<Lock>();
  /** How many calls are trying to get a lock. */
  #attempts = 0;
  /** Called when no call is trying any more. */
  #onIdle: (() => void) | null = null;
  #closed: Promise<void> | null = null;

  constructor(
    nodes: Iterable<RedisNode>,
    options?: RedlockOptions,
    runtime: Runtime = systemRuntime,
  ) {
    const settings = parseRedlockOptions(options);
    const guarded = parseNodes(nodes).map((node) => new GuardedNode(node));
    const { keyPrefix } = settings;
    this.#keyPrefix = keyPrefix;
    this.#parts = assemble(guarded, settings, runtime, this.#closing.signal);
    this.#requests = new Requests(settings, guarded, this.#ownership);
    this.#reentry = { runtime, cancellation: this.#parts.cancellation, keyPrefix };
  }

  async acquire(
    resources: string | readonly string[],
    ttl: number,
    options?: AcquireOptions,
  ): Promise<Lock> {
    return await this.#acquire(this.#requests.parse(resources, ttl, options));
  }

  async tryAcquire(
    resources: string | readonly string[],
    ttl: number,
    options?: TryAcquireOptions,
  ): Promise<Lock | null> {
    const request = this.#requests.parse(resources, ttl, options, parseTryAcquireOptions);
    return await this.#obtain(request, (wanted) => this.#parts.acquisition.tryAcquire(wanted));
  }

  async using<T>(
    resources: string | readonly string[],
    ttl: number,
    ...rest: [Routine<T>] | [AcquireOptions, Routine<T>]
  ): Promise<T> {
    const [options, routine] = rest.length === 1 ? [undefined, rest[0]] : rest;
    if (typeof routine !== 'function') throw new TypeError('routine must be a function');
    const request = {
      ...this.#requests.parse(resources, ttl, options),
      autoExtend: true,
      forRoutine: true,
    };
    const lock = await this.#acquire(request);
    try {
      const run = (): T | Promise<T> => routine(lock.signal, lock);
      this.#working.add(lock);
      const result = await (request.reentrant ? this.#ownership.run(lock, run) : run());
      // Read the clocks once more: the validity may have ended in this very turn, before any timer ran.
      for (const lease of leasesOf(lock)) {
        lease.remaining();
        if (lease.loss) throw retraced(lease.loss);
      }
      return result;
    } finally {
      this.#working.delete(lock);
      await lock.release();
    }
  }

  async adopt(
    resources: string | readonly string[],
    token: string,
    ttl: number,
    options?: AcquireOptions,
  ): Promise<Lock> {
    if (typeof token !== 'string') throw new TypeError('token must be a string');
    if (token === '') throw new RangeError('token must not be an empty string');
    const request = { ...this.#requests.parse(resources, ttl, options), reentrant: false };
    return await this.#obtain<never>(request, (wanted) =>
      this.#parts.acquisition.adopt(wanted, token),
    );
  }

  async inspect(resource: string): Promise<Inspection> {
    if (this.#closing.signal.aborted) throw closedError([resource]);
    return inspection(this.#parts.quorum, this.#keyPrefix, resource);
  }

  on<E extends EventName>(event: E, listener: Listener<E>): this {
    this.#parts.events.on(event, listener);
    if (event === 'warning') this.#parts.warnings.heard();
    return this;
  }

  off<E extends EventName>(event: E, listener: Listener<E>): this {
    this.#parts.events.off(event, listener);
    return this;
  }

  async connect(options?: ConnectOptions): Promise<void> {
    const { quorum, runtime, closed } = this.#parts;
    await connect(quorum, runtime, closed, parseConnectOptions(options));
  }

  async close(options?: CloseOptions): Promise<void> {
    const release = parseCloseOptions(options);
    this.#closing.abort();
    for (const lock of this.#working) for (const lease of leasesOf(lock)) lease.abandon();
    const held = release ? [...this.#parts.watchdog.held] : [];
    const released = Promise.all(held.map((lease) => lease.surrender()));
    this.#closed ??= this.#close(released);
    await Promise.all([this.#closed, released]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /**
   * Closes the nodes when attempts under way have ended. Otherwise, what these attempts got would stay on nodes whose
   * client is closed.
   * @param released settles when everything that was held is released, if that was asked for
   */
  async #close(released: Promise<unknown>): Promise<void> {
    this.#ownership.close();
    this.#parts.announcements.close();
    this.#parts.warnings.close();
    if (this.#attempts > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve));
    await released;
    await this.#parts.quorum.close();
  }

  #acquire(request: LockRequest): Promise<Lock> {
    return this.#obtain<never>(request, (wanted) => this.#parts.acquisition.acquire(wanted));
  }

  /**
   * Gets a lock, and counts as an attempt under way meanwhile. The count is in `finally` and not in a `then`: V8 shows
   * the async callers in an error's stack only if each promise on the way has one reaction.
   * @param take takes from the nodes what the caller does not own already
   */
  async #obtain<N extends null>(
    request: LockRequest,
    take: (request: LockRequest) => Promise<Lease | N>,
  ): Promise<Lock | N> {
    this.#attempts++;
    try {
      const { owned } = request;
      if (!request.reentrant || !owned) {
        const lease = await take(request);
        return lease === null ? lease : lease.lock;
      }
      const leases = await reenter(this.#reentry, request, owned, take);
      if (leases === null) return leases;
      return new HeldLock(request.resources, leases, this.#parts.driftFactor);
    } finally {
      if (--this.#attempts === 0) this.#onIdle?.();
    }
  }
};
