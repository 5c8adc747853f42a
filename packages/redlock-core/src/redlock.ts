import { NamedElection } from './election/named-election.js';
import type { Election } from './election.js';
import { closedError, QuorumError } from './errors.js';
import type { EventName, Listener } from './events.js';
import type { Inspection } from './inspection.js';
import { Acquisition } from './lease/acquisition.js';
import { Emitter, publishNotices } from './lease/emitter.js';
import { inspect, type InspectionServices } from './lease/inspection.js';
import type { Lease } from './lease/lease.js';
import { Ownership } from './lease/reentry.js';
import { Requests } from './lease/request.js';
import { Routines } from './lease/using.js';
import { Watchdog } from './lease/watchdog.js';
import type { Lock, Routine } from './lock.js';
import { GuardedNode } from './node/guarded-node.js';
import type {
  AcquireOptions,
  AdoptOptions,
  CloseOptions,
  ConnectOptions,
  RedlockOptions,
  TryAcquireOptions,
} from './options.js';
import { Quorum } from './quorum/quorum.js';
import { formatVotes, votesOf } from './quorum/response.js';
import type { RedisNode } from './redis-node.js';
import { PermitSemaphore } from './semaphore/permit-semaphore.js';
import type { Semaphore } from './semaphore.js';
import { parseCloseOptions, parseConnectOptions } from './settings/method-options.js';
import { parseNodes, parseRedlockOptions, type Settings } from './settings/settings.js';
import { Pause } from './time/pause.js';
import { systemRuntime, type Runtime } from './time/runtime.js';
import { Waiting } from './waiting/waiting.js';
import { shortQuarantine, Warnings } from './warnings.js';

class RedlockClass implements AsyncDisposable {
  static {
    Object.defineProperty(this, 'name', { value: 'Redlock' });
  }

  readonly #runtime: Runtime;
  readonly #settings: Settings;
  readonly #clusters: readonly GuardedNode[];
  readonly #events = new Emitter();
  readonly #warnings: Warnings;
  readonly #quorum: Quorum;
  readonly #waiting: Waiting;
  readonly #watchdog: Watchdog<Lease>;
  readonly #requests: Requests;
  readonly #ownership = new Ownership();
  readonly #acquisition: Acquisition;
  readonly #routines: Routines;
  readonly #closing = new AbortController();
  #closed: Promise<void> | null = null;

  constructor(
    nodes: Iterable<RedisNode>,
    options?: RedlockOptions,
    runtime: Runtime = systemRuntime,
  ) {
    const settings = parseRedlockOptions(options);
    const guarded = parseNodes(nodes).map((node) => new GuardedNode(node));
    const { driftFactor, quarantine, quarantineTime = 0 } = settings;
    const closed = this.#closing.signal;
    const events = this.#events;
    publishNotices(events);
    const warnings = new Warnings(guarded, quarantine === false, (warning) =>
      events.emit('warning', warning),
    );
    // A client that its owner closes too may reject its commands only then.
    const emit: Emitter['emit'] = (event, payload) => {
      if (!closed.aborted) events.emit(event, payload);
    };
    const quorum = new Quorum(guarded, settings, runtime, {
      failed: (node, error) => emit('nodeFailed', { node, error }),
      recovered: (node) => emit('nodeRecovered', { node }),
      quarantined: (node, ms) => emit('nodeQuarantined', { node, ms }),
      trusted: (node) => emit('nodeTrusted', { node }),
      clock: (node, timeUs, at) => waiting.noteTime(node, timeUs, at),
      exceeded: (ttl) => warnings.warn(shortQuarantine(quarantineTime, ttl)),
    });
    const waiting = new Waiting({ runtime, quorum, nodes: guarded, closed });
    const watchdog = new Watchdog<Lease>(runtime);
    const leases = { quorum, runtime, driftFactor, events, waiting, watchdog, closed };
    this.#runtime = runtime;
    this.#settings = settings;
    this.#clusters = guarded.filter(({ cluster }) => cluster);
    this.#warnings = warnings;
    this.#quorum = quorum;
    this.#waiting = waiting;
    this.#watchdog = watchdog;
    this.#requests = new Requests(settings, this.#clusters);
    this.#acquisition = new Acquisition(leases, this.#requests, this.#ownership);
    this.#routines = new Routines(this.#acquisition, this.#ownership, closed);
  }

  /**
   * Waits for the lock on all of the resources.
   * @param ttl in ms: how long the nodes keep the lock if its holder is gone
   * @throws ResourceLockedError if others hold the lock until `wait` is over; QuorumError if too many nodes failed; the
   * reason of `signal` if that aborts; RedlockError (`CLOSED`); TypeError, RangeError for bad arguments
   * @example
   * ```ts
   * const lock = await redlock.acquire(['account:1', 'account:2'], 10_000, { wait: 2000 });
   * try {
   *   await transfer(lock.fencingToken);
   * } finally {
   *   await lock.release();
   * }
   * ```
   */
  async acquire(
    resources: string | readonly string[],
    ttl: number,
    options?: AcquireOptions,
  ): Promise<Lock> {
    return await this.#acquisition.acquire(this.#requests.parse(resources, ttl, options));
  }

  /**
   * Takes the lock if it is free. Waits for no holder.
   * @returns null if others hold it
   * @throws the same as `acquire`, except ResourceLockedError
   * @example
   * ```ts
   * const lock = await redlock.tryAcquire('report:2026-11', 60_000, { autoExtend: true });
   * if (lock === null) return; // another process is at work on it
   * ```
   */
  async tryAcquire(
    resources: string | readonly string[],
    ttl: number,
    options?: TryAcquireOptions,
  ): Promise<Lock | null> {
    return await this.#acquisition.tryAcquire(this.#requests.parseTry(resources, ttl, options));
  }

  /**
   * Runs `routine` under the lock, extends the lock meanwhile, and releases it afterwards.
   * @returns the result of the routine; an error of the routine wins over every other error
   * @throws LockLostError if the lock was lost before the routine had finished; otherwise the same as `acquire`
   * @example
   * ```ts
   * const total = await redlock.using('invoice:42', 10_000, async (signal, lock) => {
   *   const lines = await fetchLines(42, { signal });
   *   return save(lines, lock.fencingToken);
   * });
   * ```
   */
  using<T>(resources: string | readonly string[], ttl: number, routine: Routine<T>): Promise<T>;
  /** The same, with options. */
  using<T>(
    resources: string | readonly string[],
    ttl: number,
    options: AcquireOptions,
    routine: Routine<T>,
  ): Promise<T>;
  async using<T>(
    resources: string | readonly string[],
    ttl: number,
    ...rest: [Routine<T>] | [AcquireOptions, Routine<T>]
  ): Promise<T> {
    const [options, routine] = rest.length === 1 ? [undefined, rest[0]] : rest;
    if (typeof routine !== 'function') throw new TypeError('routine must be a function');
    return await this.#routines.run(this.#requests.parse(resources, ttl, options), routine);
  }

  /**
   * Takes a lock over from another process, or from before a restart. The nodes replace its token by a new one and
   * raise the fencing token, so that a former holder that still runs is out. Tries once, whatever `wait` is.
   * @param token of the lock that is taken over; its holder should have called `detach`
   * @param ttl in ms, from now on
   * @param options with the `mode` in which the lock is held
   * @throws LockLostError (`TAKEN`) if fewer than a quorum of nodes hold the token in that mode; QuorumError if too many
   * nodes failed; the reason of `signal` if that aborts; RedlockError (`CLOSED`); TypeError, RangeError for bad arguments
   * @example
   * ```ts
   * // In the old process:
   * lock.detach();
   * const { resources, token, mode } = lock;
   * send({ resources, token, mode });
   * // In the new process:
   * const lock = await redlock.adopt(message.resources, message.token, 10_000, { mode: message.mode });
   * ```
   */
  async adopt(
    resources: string | readonly string[],
    token: string,
    ttl: number,
    options?: AdoptOptions,
  ): Promise<Lock> {
    const request = this.#requests.parseAdoption(resources, token, ttl, options);
    return await this.#acquisition.adopt(request);
  }

  /**
   * Makes a semaphore: at most `permits` locks at the same time, over all processes that use this name. All of them must
   * give the same number. Asks no node.
   * @param name a string that is not empty and well-formed Unicode; the semaphore has nothing to do with a resource of the
   * same name
   * @param permits a whole number from 1 to 1000
   * @throws TypeError, RangeError for bad arguments
   * @example
   * ```ts
   * const licences = redlock.semaphore('licences', 3);
   * await licences.using(30_000, (signal, lock) => convert(file, { seat: lock.permit, signal }));
   * ```
   */
  semaphore(name: string, permits: number): Semaphore {
    const services = {
      settings: this.#settings,
      clusters: this.#clusters,
      runtime: this.#runtime,
      requests: this.#requests,
      acquisition: this.#acquisition,
      routines: this.#routines,
      quorum: this.#quorum,
      closed: this.#closing.signal,
    };
    return new PermitSemaphore(services, name, permits);
  }

  /**
   * Shows who holds a resource, as a quorum of nodes says and node by node. A node that fails says why. Whole tokens are
   * shown, for `adopt`. Rejects only for bad arguments, and after `close`.
   * @throws TypeError, RangeError for bad arguments; RedlockError (`CLOSED`)
   * @example
   * ```ts
   * const { state, holders, waiting } = await redlock.inspect('invoice:42');
   * const held = holders.map(({ owner, ttl }) => `by ${owner ?? 'somebody'} for ${ttl} ms more`);
   * console.log(state, ...held, `${waiting} processes wait`);
   * ```
   */
  async inspect(resource: string): Promise<Inspection> {
    return await inspect(this.#inspected, resource);
  }

  /**
   * An election: of all that campaign under one name, one at a time is the leader. Sends nothing by itself.
   * @param name of the election, and of the resource whose lock is the leadership
   * @param ttl in ms: how long the nodes keep the leadership of a leader that is gone
   * @throws TypeError, RangeError for bad arguments
   * @example
   * ```ts
   * const election = redlock.election('scheduler', 10_000);
   * await election.lead(async (signal, lock) => schedule(lock.fencingToken, signal), { signal });
   * ```
   */
  election(name: string, ttl: number): Election {
    if (typeof name !== 'string') throw new TypeError('name must be a string');
    this.#requests.parse(name, ttl, { fencing: true });
    const services = { ...this.#inspected, runtime: this.#runtime };
    return new NamedElection({ redlock: this, name, ttl }, services);
  }

  /**
   * Calls `listener` at each event. An error that it throws is dropped.
   * @throws TypeError for an unknown event
   */
  on<E extends EventName>(event: E, listener: Listener<E>): Redlock {
    this.#events.on(event, listener);
    if (event === 'warning') this.#warnings.begin();
    return this;
  }

  /** Ends what `on` began, for one listener. */
  off<E extends EventName>(event: E, listener: Listener<E>): Redlock {
    this.#events.off(event, listener);
    return this;
  }

  /**
   * Connects, so that the first acquire need not wait for connections, for example at the start of a process. Resolves
   * when a quorum of nodes is connected; those in quarantine are. Nobody has to call it.
   * @throws QuorumError if that takes longer than `wait`; its votes say why, node by node. RedlockError (`CLOSED`);
   * TypeError, RangeError for bad arguments
   * @example await redlock.connect({ wait: 10_000 })
   */
  async connect(options?: ConnectOptions): Promise<void> {
    const wait = parseConnectOptions(options);
    const quorum = this.#quorum;
    const closed = this.#closing.signal;
    if (closed.aborted) throw closedError([]);
    const start = this.#runtime.now();
    const limit = new Pause(wait, this.#runtime, [closed]);
    const isOver = limit.over.then(() => true);
    for (;;) {
      const isLate = await Promise.race([quorum.connected(), isOver]);
      if (closed.aborted) throw closedError([]);
      const responses = quorum.connections(start);
      // When the last node of the quorum is connected, another one may have lost its connection.
      const connected = responses.filter(({ reading }) => reading.vote === 'granted');
      if (connected.length >= quorum.size) break;
      if (isLate !== true) continue;
      const votes = votesOf(responses);
      throw new QuorumError(
        `Fewer than a quorum of nodes could be used within ${wait} ms; check the nodes that failed. ` +
          `Votes: ${formatVotes(votes)}`,
        [],
        votes,
      );
    }
    limit.end();
  }

  /**
   * Ends waiting and automatic extension. From now on calls reject with code `CLOSED`. Locks that are held stay valid
   * until their validity ends, unless `release` is set.
   *
   * The signals of `using` routines abort at once, with a LockLostError whose `cause.code` is `CLOSED`. A routine that
   * ends while validity is left is done under its lock, which is then released, if its clients are still open. Clients
   * that the caller made stay open; clients that the adapter made are closed. Does not wait for routines.
   * @throws TypeError for bad options
   * @example await redlock.close({ release: true })
   */
  async close(options?: CloseOptions): Promise<void> {
    const release = parseCloseOptions(options);
    this.#closing.abort();
    this.#routines.abortSignals();
    const held = release ? [...this.#watchdog.held] : [];
    const released = Promise.all(held.map((lease) => lease.forceRelease()));
    this.#closed ??= this.#close(released);
    await Promise.all([this.#closed, released]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  get #inspected(): InspectionServices {
    const { keyPrefix } = this.#settings;
    const closed = this.#closing.signal;
    return { quorum: this.#quorum, keyPrefix, clusters: this.#clusters, closed };
  }

  /**
   * Closes the nodes when calls under way have ended, and all is written that they had to send. Otherwise, what these calls
   * got would stay on nodes whose client is closed, and so would their places in the queues.
   * @param released settles when everything that was held is released, if that was requested
   */
  async #close(released: Promise<unknown>): Promise<void> {
    this.#ownership.close();
    this.#waiting.close();
    this.#warnings.close();
    this.#quorum.stopConnecting();
    await this.#acquisition.idle();
    // Also after a call that ended just before.
    await new Promise<void>((resolve) => this.#runtime.afterSockets(resolve));
    await released;
    await this.#quorum.close();
  }
}

/**
 * A distributed lock over independent Redis nodes, each of which is one vote: the Redlock algorithm of Redis' page on
 * distributed locks.
 * @example
 * ```ts
 * import { Redis } from 'ioredis';
 * import { Redlock } from 'redlock-core';
 * import { ioredisNode } from 'redlock-ioredis-adapter';
 *
 * const clients = ['redis-1', 'redis-2', 'redis-3'].map((host) => new Redis({ host }));
 * const redlock = new Redlock(clients.map(ioredisNode), { wait: 10_000 });
 * redlock.on('nodeFailed', ({ node, error }) => console.warn(`${node}: ${error.message}`));
 *
 * await redlock.using('invoice:42', 10_000, async (signal, lock) => {
 *   await bill(42, lock.fencingToken, signal);
 * });
 * await redlock.close();
 * ```
 */
export interface Redlock extends Pick<RedlockClass, keyof RedlockClass> {}

/** The type of the class {@link Redlock}. */
export interface RedlockConstructor {
  /**
   * Makes a Redlock. A client that connects lazily is connected when it is first needed.
   * @param nodes made by an adapter; an odd number of independent servers, five for example
   * @param options defaults for every call; see {@link RedlockOptions}
   * @param runtime clocks, timers, chance and tokens; only a simulator brings its own
   * @throws TypeError, RangeError for bad arguments
   */
  new (nodes: Iterable<RedisNode>, options?: RedlockOptions, runtime?: Runtime): Redlock;
  readonly prototype: Redlock;
}

/** See the interface. Users can implement that in their own tests, because it has no private members. */
export const Redlock: RedlockConstructor = RedlockClass;
