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
import type { Runtime } from './time/runtime.js';

/** The work done under a lock. Give it up when `signal` aborts: the lock is lost then. */
export type Routine<T> = (signal: AbortSignal, lock: Lock) => T | Promise<T>;

/**
 * A distributed lock over independent Redis nodes, each one vote: the Redlock algorithm of Redis'
 * distributed-locks page.
 */
export interface Redlock extends AsyncDisposable {
  /**
   * Waits for the lock on all of the resources.
   * @param ttl how long the nodes keep it for a holder that is gone, in ms
   * @throws ResourceLockedError when others hold it until `wait` is over; QuorumError when too many
   * nodes failed; the reason of `signal` when that aborts; TypeError, RangeError for bad arguments
   */
  acquire(
    resources: string | readonly string[],
    ttl: number,
    options?: AcquireOptions,
  ): Promise<Lock>;
  /**
   * Takes the lock if it is free; waits for no holder.
   * @returns null when others hold it
   * @throws as acquire does, but for ResourceLockedError
   */
  tryAcquire(
    resources: string | readonly string[],
    ttl: number,
    options?: TryAcquireOptions,
  ): Promise<Lock | null>;
  /**
   * Runs `routine` under the lock, which is extended while it runs and released after it.
   * @returns what the routine does; an error of its own wins over every other
   * @throws LockLostError when the lock was lost before the routine had finished; or as acquire does
   */
  using<T>(resources: string | readonly string[], ttl: number, routine: Routine<T>): Promise<T>;
  using<T>(
    resources: string | readonly string[],
    ttl: number,
    options: AcquireOptions,
    routine: Routine<T>,
  ): Promise<T>;
  /**
   * Takes a lock over from another process, or from before a restart: the nodes replace its token by a
   * new one and raise the fencing token, so that a former holder that still lives is out. It tries
   * once; `wait` does not count.
   * @param token of the lock that is taken over, whose holder should have called `detach`
   * @param ttl from now on, in ms
   * @throws LockLostError (`TAKEN`) when fewer than a quorum of nodes hold the token; QuorumError when
   * too many nodes failed; TypeError, RangeError for bad arguments
   */
  adopt(
    resources: string | readonly string[],
    token: string,
    ttl: number,
    options?: AcquireOptions,
  ): Promise<Lock>;
  /**
   * Shows who holds a resource, node by node. Nodes that fail say why; it rejects for bad arguments
   * and when closed only.
   */
  inspect(resource: string): Promise<Inspection>;
  /** Calls `listener` at each event; what it throws is dropped. */
  on<E extends EventName>(event: E, listener: Listener<E>): this;
  off<E extends EventName>(event: E, listener: Listener<E>): this;
  /**
   * Connects, so that the first acquire need not wait for it: at the start of a process, say. Resolves when a quorum of
   * nodes can be used. Nobody has to call it.
   * @throws QuorumError when that takes longer than `wait`: its votes say why, node by node; TypeError, RangeError
   * for bad arguments
   * @example await redlock.connect({ wait: 10_000 })
   */
  connect(options?: ConnectOptions): Promise<void>;
  /**
   * Ends waiting and automatic extension; from now on calls reject with code `CLOSED`. Locks still
   * held stay valid until their validity ends, unless `release` is set. The signals of `using` routines abort at
   * once, with a LockLostError whose `cause.code` is `CLOSED`: a routine that ends while validity is left is done under
   * its lock, which is then released, as far as its clients are still open. Clients that the caller made stay open, those
   * that the adapter made are closed. Does not wait for routines.
   * @throws TypeError for bad options
   * @example await redlock.close({ release: true })
   */
  close(options?: CloseOptions): Promise<void>;
}

/** What `new Redlock(…)` is: {@link Redlock} is an interface, which users can implement in tests of their own. */
export interface RedlockConstructor {
  /**
   * @param nodes made by an adapter; an odd number of independent servers, five for example
   * @param options defaults for every call; see {@link RedlockOptions}
   * @param runtime clocks, timers and chance; only a simulator brings its own
   * @throws TypeError, RangeError for bad arguments
   */
  new (nodes: Iterable<RedisNode>, options?: RedlockOptions, runtime?: Runtime): Redlock;
  readonly prototype: Redlock;
}
