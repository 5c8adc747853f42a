import { NamedElection } from './election/named-election.js';
import type { Election } from './election.js';
import { QuorumError, RedlockClosedError } from './errors.js';
import type { RedlockEventName, RedlockListener } from './events.js';
import type { Inspection } from './inspection.js';
import { Acquisition } from './lease/acquisition.js';
import { Emitter, publishMessages } from './lease/emitter.js';
import { inspect, type InspectionServices } from './lease/inspection.js';
import type { Lease } from './lease/lease.js';
import { Ownership } from './lease/reentry.js';
import { Requests } from './lease/request.js';
import { optionsAndRoutine, Routines } from './lease/using.js';
import { Watchdog } from './lease/watchdog.js';
import type { Lock, Routine, TryUsingResult } from './lock.js';
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
import { PermitSemaphore, type SemaphoreServices } from './semaphore/permit-semaphore.js';
import type { Semaphore } from './semaphore.js';
import { parseCloseOptions, parseConnectOptions } from './settings/method-options.js';
import { parseNodes, parseRedlockOptions } from './settings/settings.js';
import { Pause } from './time/pause.js';
import { systemRuntime, type Runtime } from './time/runtime.js';
import { Waiting } from './waiting/waiting.js';
import { shortQuarantine, Warnings } from './warnings.js';

/** What a Redlock makes itself. Calls go down from here: a part knows those that were made before it. */
interface Parts extends SemaphoreServices, InspectionServices {
  readonly runtime: Runtime;
  readonly events: Emitter;
  readonly warnings: Warnings;
  readonly quorum: Quorum;
  readonly waiting: Waiting;
  readonly watchdog: Watchdog<Lease>;
  readonly ownership: Ownership;
  readonly requests: Requests;
  readonly acquisition: Acquisition;
  readonly routines: Routines;
  readonly closing: AbortController;
  /** Resolves when the Redlock is closed; null: it is open. */
  ended: Promise<void> | null;
}

/** Not members of the class: users implement its type in their own tests, and inspecting a Redlock shows no client. */
const allParts = new WeakMap<Redlock, Parts>();

function partsOf(redlock: Redlock): Parts {
  const parts = allParts.get(redlock);
  if (!parts) throw new TypeError('This method was called on an object that is not a Redlock');
  return parts;
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
 * const redlock = new Redlock(clients.map((client) => ioredisNode(client)), { wait: 10_000 });
 * redlock.on('nodeFailed', ({ node, error }) => console.warn(`${node}: ${error.message}`));
 *
 * await redlock.using('invoice:42', 10_000, async (signal, lock) => {
 *   await bill(42, lock.fencingToken, signal);
 * });
 * await redlock.close();
 * ```
 */
export class Redlock implements AsyncDisposable {
  /**
   * Makes a Redlock. A client that connects lazily is connected when it is first needed.
   * @param nodes made by an adapter; an odd number of independent servers, five for example
   * @param options defaults for every call; see {@link RedlockOptions}
   * @throws TypeError, RangeError for bad arguments
   */
  constructor(nodes: Iterable<RedisNode>, options?: RedlockOptions);
  /**
   * With clocks, timers and random numbers of a simulator.
   * @internal
   */
  constructor(nodes: Iterable<RedisNode>, options: RedlockOptions | undefined, runtime: Runtime);
  constructor(nodes: Iterable<RedisNode>, options?: RedlockOptions, runtime?: Runtime) {
    allParts.set(this, makeParts(nodes, options, runtime));
  }

  /**
   * Waits for the lock on all of the resources.
   * @param ttl in ms: how long the nodes keep the lock if its holder is gone
   * @throws ResourceLockedError if others hold the lock until `wait` has passed; QuorumError if too many nodes failed; the
   * reason of `signal` if that aborts; RedlockClosedError; TypeError, RangeError for bad arguments
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
    const { acquisition, requests } = partsOf(this);
    return await acquisition.acquire(requests.parse(resources, ttl, options));
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
    const { acquisition, requests } = partsOf(this);
    return await acquisition.tryAcquire(requests.parseTry(resources, ttl, options));
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
    const { routines, requests } = partsOf(this);
    const [options, routine] = optionsAndRoutine(rest);
    return await routines.using(requests.parse(resources, ttl, options), routine);
  }

  /**
   * Runs `routine` as `using` does, if the lock is free. Waits for no holder.
   * @returns `{ acquired: true, value }` with the result of the routine, or `{ acquired: false }` if others hold the lock
   * @throws the same as `using`, except ResourceLockedError
   * @example
   * ```ts
   * const result = await redlock.tryUsing('order:42', 30_000, () => placeOrder(42));
   * if (!result.acquired) return conflict('This order is being placed already');
   * return result.value;
   * ```
   */
  tryUsing<T>(
    resources: string | readonly string[],
    ttl: number,
    routine: Routine<T>,
  ): Promise<TryUsingResult<T>>;
  /** The same, with options. */
  tryUsing<T>(
    resources: string | readonly string[],
    ttl: number,
    options: TryAcquireOptions,
    routine: Routine<T>,
  ): Promise<TryUsingResult<T>>;
  async tryUsing<T>(
    resources: string | readonly string[],
    ttl: number,
    ...rest: [Routine<T>] | [TryAcquireOptions, Routine<T>]
  ): Promise<TryUsingResult<T>> {
    const { routines, requests } = partsOf(this);
    const [options, routine] = optionsAndRoutine(rest);
    return await routines.tryUsing(requests.parseTry(resources, ttl, options), routine);
  }

  /**
   * Takes a lock over from another process, or from before a restart. The nodes replace its token by a new one and
   * raise the fencing token, so that a former holder that still runs is out. Tries once, whatever `wait` is.
   * @param token of the lock that is taken over; its holder should have called `detach`
   * @param ttl in ms, from now on
   * @param options with the `mode` in which the lock is held
   * @throws LockLostError (`NOT_HELD`) if fewer than a quorum of nodes hold the token in that mode; QuorumError if too many
   * nodes failed; the reason of `signal` if that aborts; RedlockClosedError; TypeError, RangeError for bad arguments
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
    const { acquisition, requests } = partsOf(this);
    return await acquisition.adopt(requests.parseAdoption(resources, token, ttl, options));
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
    return new PermitSemaphore(partsOf(this), name, permits);
  }

  /**
   * Shows who holds a resource, as a quorum of nodes says and node by node. A node that fails says why. Whole tokens are
   * shown, for `adopt`. Rejects only for bad arguments, and after `close`.
   * @throws TypeError, RangeError for bad arguments; RedlockClosedError
   * @example
   * ```ts
   * const { state, holders, waiting } = await redlock.inspect('invoice:42');
   * const held = holders.map(({ owner, expiresIn }) => `by ${owner ?? 'a client'} for ${expiresIn} ms more`);
   * console.log(state, ...held, `${waiting} processes wait`);
   * ```
   */
  async inspect(resource: string): Promise<Inspection> {
    return await inspect(partsOf(this), resource);
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
    const parts = partsOf(this);
    parts.requests.parse(name, ttl, { fencing: true });
    return new NamedElection({ redlock: this, name, ttl }, parts);
  }

  /**
   * Calls `listener` at each event. An error that it throws is dropped.
   * @throws TypeError for an unknown event
   */
  on<E extends RedlockEventName>(event: E, listener: RedlockListener<E>): this {
    const { events, warnings } = partsOf(this);
    events.on(event, listener);
    if (event === 'warning') warnings.begin();
    return this;
  }

  /** The same, for the next event only. */
  once<E extends RedlockEventName>(event: E, listener: RedlockListener<E>): this {
    const { events, warnings } = partsOf(this);
    events.on(event, listener, true);
    if (event === 'warning') warnings.begin();
    return this;
  }

  /** Removes a listener that `on` or `once` has added. */
  off<E extends RedlockEventName>(event: E, listener: RedlockListener<E>): this {
    partsOf(this).events.off(event, listener);
    return this;
  }

  /**
   * Connects, so that the first acquire need not wait for connections, for example at the start of a process. Resolves
   * when a quorum of nodes is connected; those in quarantine are. Calling it is optional.
   * @throws QuorumError if that takes longer than `wait`; its votes say why, node by node. RedlockClosedError;
   * TypeError, RangeError for bad arguments
   * @example await redlock.connect({ wait: 10_000 })
   */
  async connect(options?: ConnectOptions): Promise<void> {
    const wait = parseConnectOptions(options);
    const { quorum, closed, runtime } = partsOf(this);
    if (closed.aborted) throw new RedlockClosedError();
    const start = runtime.now();
    const limit = new Pause(wait, runtime, [closed]);
    for (;;) {
      await quorum.connected(limit);
      if (closed.aborted) throw new RedlockClosedError();
      const responses = quorum.connections(start);
      // When the last node of the quorum is connected, another one may have lost its connection.
      const connected = responses.filter(({ reading }) => reading.vote === 'granted');
      if (connected.length >= quorum.size) break;
      if (!limit.isOver) continue;
      const votes = votesOf(responses);
      throw new QuorumError(
        `Cannot connect: fewer than a quorum of nodes were usable within ${wait} ms. Check the nodes that failed. ` +
          `Votes: ${formatVotes(votes)}`,
        [],
        votes,
      );
    }
    limit.end();
  }

  /**
   * Ends waiting and automatic extension. From now on calls reject with RedlockClosedError. Locks that are held stay valid
   * until their validity ends, unless `release` is set.
   *
   * The signals of `using` routines abort at once with a RedlockClosedError. Their locks are not lost: a routine that ends while
   * validity is left was done under its lock, which is then released if its clients are still open. Clients that the
   * caller made stay open; clients that the adapter made are closed. Does not wait for routines. No event is emitted
   * afterwards.
   * @throws TypeError for bad options
   * @example await redlock.close({ release: true })
   */
  async close(options?: CloseOptions): Promise<void> {
    const release = parseCloseOptions(options);
    const parts = partsOf(this);
    parts.closing.abort();
    const held = release ? [...parts.watchdog.held] : [];
    const released = Promise.all(held.map((lease) => lease.forceRelease()));
    parts.ended ??= end(parts, released);
    await Promise.all([parts.ended, released]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

function makeParts(
  nodes: Iterable<RedisNode>,
  options: RedlockOptions | undefined,
  runtime = systemRuntime,
): Parts {
  const settings = parseRedlockOptions(options);
  const guarded = parseNodes(nodes).map((node) => new GuardedNode(node));
  const { driftFactor, keyPrefix, quarantine, quarantineTime = 0 } = settings;
  const closing = new AbortController();
  const closed = closing.signal;
  const clusters = guarded.filter(({ cluster }) => cluster);
  const events = new Emitter();
  publishMessages(events);
  const warnings = new Warnings(guarded, quarantine === false, (warning) =>
    events.emit('warning', warning),
  );
  // A client that its owner closes together with the Redlock may reject its commands later.
  const emit: Emitter['emit'] = (event, payload) => {
    if (!closed.aborted) events.emit(event, payload);
  };
  const quorum = new Quorum(guarded, settings, runtime, {
    failed: (node, error) => emit('nodeFailed', { node, error }),
    recovered: (node) => emit('nodeRecovered', { node }),
    quarantined: (node, duration) => emit('nodeQuarantined', { node, duration }),
    trusted: (node) => emit('nodeTrusted', { node }),
    clock: (node, timeUs, at) => waiting.noteTime(node, timeUs, at),
    exceeded: (ttl) => warnings.warn(shortQuarantine(quarantineTime, ttl)),
  });
  const waiting = new Waiting({ runtime, quorum, nodes: guarded, closed });
  const watchdog = new Watchdog<Lease>(runtime);
  const ownership = new Ownership();
  const requests = new Requests(settings, clusters);
  const leases = { quorum, runtime, driftFactor, events, waiting, watchdog, closed };
  const acquisition = new Acquisition(leases, requests, ownership);
  const routines = new Routines(acquisition, ownership, closed);
  return {
    runtime,
    settings,
    keyPrefix,
    clusters,
    events,
    warnings,
    quorum,
    waiting,
    watchdog,
    ownership,
    requests,
    acquisition,
    routines,
    closing,
    closed,
    ended: null,
  };
}

/**
 * Closes the nodes when calls under way have ended, and all is written that they had to send. Otherwise, what these calls
 * were granted would stay on nodes whose client is closed, and so would their queue entries.
 * @param released settles when everything that was held is released, if that was requested
 */
async function end(parts: Parts, released: Promise<unknown>): Promise<void> {
  const { ownership, waiting, warnings, quorum, acquisition, runtime, events } = parts;
  ownership.close();
  waiting.close();
  warnings.close();
  quorum.stopConnecting();
  await acquisition.idle();
  // Also after a call that ended just before.
  await new Promise<void>((resolve) => runtime.afterSockets(resolve));
  await released;
  await quorum.close();
  events.close();
}
