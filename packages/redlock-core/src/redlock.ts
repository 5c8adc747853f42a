import { assemble, type Assembly } from './assembly.js';
import type { Redlock as Contract, RedlockConstructor } from './contract.js';
import { NamedElection } from './election/named-election.js';
import type { Election } from './election.js';
import type { EventName, Listener } from './events.js';
import type { Inspection } from './inspection.js';
import { connect } from './lock/connection.js';
import { inspection } from './lock/inspection.js';
import type { Lock } from './lock.js';
import type {
  AcquireOptions,
  CloseOptions,
  ConnectOptions,
  RedlockOptions,
  TryAcquireOptions,
} from './options.js';
import { requireToken } from './protocol/word.js';
import type { RedisNode } from './redis-node.js';
import type { Routine } from './routine.js';
import { PermitSemaphore } from './semaphore/permit-semaphore.js';
import type { Semaphore } from './semaphore.js';
import { parseCloseOptions } from './settings/close-options.js';
import { traceRelease } from './lock/lease-traces.js';
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
  readonly #closing = new AbortController();
  #closed: Promise<void> | null = null;

  constructor(
    nodes: Iterable<RedisNode>,
    options?: RedlockOptions,
    runtime: Runtime = systemRuntime,
  ) {
    this.#parts = assemble(nodes, options, runtime, this.#closing.signal);
  }

  async acquire(
    resources: string | readonly string[],
    ttl: number,
    options?: AcquireOptions,
  ): Promise<Lock> {
    const { callers, requests } = this.#parts;
    return await callers.acquire(requests.parse(resources, ttl, options));
  }

  async tryAcquire(
    resources: string | readonly string[],
    ttl: number,
    options?: TryAcquireOptions,
  ): Promise<Lock | null> {
    const { callers, requests } = this.#parts;
    return await callers.tryAcquire(requests.parseTry(resources, ttl, options));
  }

  async using<T>(
    resources: string | readonly string[],
    ttl: number,
    ...rest: [Routine<T>] | [AcquireOptions, Routine<T>]
  ): Promise<T> {
    const [options, routine] = rest.length === 1 ? [undefined, rest[0]] : rest;
    if (typeof routine !== 'function') throw new TypeError('routine must be a function');
    const { routines, requests } = this.#parts;
    return await routines.run(requests.parse(resources, ttl, options), routine);
  }

  async adopt(
    resources: string | readonly string[],
    token: string,
    ttl: number,
    options?: AcquireOptions,
  ): Promise<Lock> {
    requireToken(token);
    const { callers, requests } = this.#parts;
    return await callers.adopt(requests.parseAdoption(resources, ttl, options), token);
  }

  semaphore(name: string, permits: number): Semaphore {
    return new PermitSemaphore(this.#parts, name, permits);
  }

  async inspect(resource: string): Promise<Inspection> {
    return inspection(this.#parts, resource);
  }

  election(name: string, ttl: number): Election {
    if (typeof name !== 'string') throw new TypeError('name must be a string');
    this.#parts.requests.parse(name, ttl, { fencing: true });
    return new NamedElection({ redlock: this, name, ttl }, this.#parts);
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
    await connect(this.#parts, options);
  }

  async close(options?: CloseOptions): Promise<void> {
    const release = parseCloseOptions(options);
    this.#closing.abort();
    this.#parts.routines.abandon();
    const held = release ? [...this.#parts.watchdog.held] : [];
    const released = Promise.all(held.map((lease) => traceRelease(lease, () => lease.surrender())));
    this.#closed ??= this.#close(released);
    await Promise.all([this.#closed, released]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /**
   * Closes the nodes when calls under way have ended, and all is written that they had to send. Otherwise, what these calls
   * got would stay on nodes whose client is closed, and so would their places in the queues.
   * @param released settles when everything that was held is released, if that was asked for
   */
  async #close(released: Promise<unknown>): Promise<void> {
    const { ownership, channels, warnings, callers, quorum, runtime } = this.#parts;
    ownership.close();
    channels.close();
    warnings.close();
    if (!callers.isIdle) await callers.idle();
    // Also after a call that ended just before.
    await new Promise<void>((resolve) => runtime.afterSockets(resolve));
    await released;
    await quorum.close();
  }
};
