import type { Election } from './election.js';
import type { EventName, Listener } from './events.js';
import type { Inspection } from './inspection.js';
import type { Lock } from './lock.js';
import type {
  AcquireOptions,
  CloseOptions,
  ConnectOptions,
  RedlockOptions,
  TryAcquireOptions,
} from './options.js';
import type { RedisNode } from './redis-node.js';
import type { Routine } from './routine.js';
import type { Semaphore } from './semaphore.js';
import type { Runtime } from './time/runtime.js';

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
export interface Redlock extends AsyncDisposable {
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
  acquire(
    resources: string | readonly string[],
    ttl: number,
    options?: AcquireOptions,
  ): Promise<Lock>;
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
  tryAcquire(
    resources: string | readonly string[],
    ttl: number,
    options?: TryAcquireOptions,
  ): Promise<Lock | null>;
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
  adopt(
    resources: string | readonly string[],
    token: string,
    ttl: number,
    options?: AcquireOptions,
  ): Promise<Lock>;
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
  semaphore(name: string, permits: number): Semaphore;
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
  inspect(resource: string): Promise<Inspection>;
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
  election(name: string, ttl: number): Election;
  /**
   * Calls `listener` at each event. An error that it throws is dropped.
   * @throws TypeError for an unknown event
   */
  on<E extends EventName>(event: E, listener: Listener<E>): this;
  /** Ends what `on` began, for one listener. */
  off<E extends EventName>(event: E, listener: Listener<E>): this;
  /**
   * Connects, so that the first acquire need not wait for connections, for example at the start of a process. Resolves
   * when a quorum of nodes is connected; those in quarantine are. Nobody has to call it.
   * @throws QuorumError if that takes longer than `wait`; its votes say why, node by node. RedlockError (`CLOSED`);
   * TypeError, RangeError for bad arguments
   * @example await redlock.connect({ wait: 10_000 })
   */
  connect(options?: ConnectOptions): Promise<void>;
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
  close(options?: CloseOptions): Promise<void>;
}

/**
 * The type of the class `Redlock`. {@link Redlock} itself is an interface, which users can implement in their own
 * tests.
 */
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
