import { LockLostError } from '../errors.js';
import type { Lock } from '../lock.js';
import type { LockMode, ReleaseOptions } from '../options.js';
import { parseReleaseOptions } from '../settings/method-options.js';
import { parseTtl } from '../time/validity.js';
import type { Lease } from './lease.js';

const NONE: readonly Lease[] = [];

/**
 * Returns an error as the function that the user called throws it. A LockLostError gets the stack of that function,
 * because a timer may have noticed the loss, and a timer's stack leads to no caller.
 */
export function withCallerStack<E>(error: E): E {
  if (LockLostError.is(error)) Error.captureStackTrace(error, withCallerStack);
  return error;
}

/**
 * The leases that a handle is on. The class sets this, because only the class can see them.
 * @internal
 */
export let leasesOf: (lock: Lock) => readonly Lease[];

/**
 * The class behind {@link Lock}. Users see only the interface, which they can implement in their own tests.
 * @internal
 */
export class HeldLock implements Lock {
  readonly resources: readonly string[];
  readonly mode: LockMode;
  readonly #lease: Lease;
  readonly #others: readonly Lease[];
  #signal: AbortSignal | null = null;
  #ended: Promise<boolean> | null = null;

  static {
    leasesOf = (lock) => (lock as HeldLock).#all();
  }

  /** @param others the other leases of a handle that came from re-entry */
  constructor({ resources, mode }: Pick<Lock, 'resources' | 'mode'>, lease: Lease, others = NONE) {
    this.resources = Object.freeze([...resources]);
    this.mode = mode;
    this.#lease = lease;
    this.#others = others;
  }

  get token(): string {
    return this.#lease.claim.token;
  }

  /** See {@link PermitLock.permit}; null: the lock is not one of a semaphore. */
  get permit(): number | null {
    return this.#lease.permit;
  }

  get fencingToken(): number {
    return Math.max(...this.#all().map(({ claim }) => claim.fencingToken));
  }

  get signal(): AbortSignal {
    if (this.#others.length === 0) return this.#lease.signal;
    return (this.#signal ??= AbortSignal.any(this.#all().map(({ signal }) => signal)));
  }

  remaining(): number {
    return this.#ended ? 0 : Math.min(...this.#all().map((lease) => lease.remaining()));
  }

  async extend(ttl?: number): Promise<void> {
    if (ttl !== undefined) parseTtl(ttl, this.#lease.driftFactor);
    try {
      const all = this.#all();
      if (this.#ended) throw (all.find(({ loss }) => loss) ?? this.#lease).endOf(this.resources);
      const over = all.find((lease) => lease.remaining() === 0);
      await Promise.all((over ? [over] : all).map((lease) => lease.extend(ttl)));
    } catch (error) {
      throw withCallerStack(error);
    }
  }

  async release(options?: ReleaseOptions): Promise<boolean> {
    const keepFor = options === undefined ? 0 : parseReleaseOptions(options);
    this.#ended ??= this.#release(keepFor);
    // Perf: latency, alone. A promise that is returned takes two more microtasks than one that is awaited.
    return await this.#ended;
  }

  detach(): void {
    if (this.#ended) return;
    this.#ended = Promise.resolve(false);
    for (const lease of this.#all()) lease.detach();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release();
  }

  #all(): readonly Lease[] {
    return [this.#lease, ...this.#others];
  }

  #release(keepFor: number): Promise<boolean> {
    return this.#others.length === 0 ? this.#lease.release(keepFor) : this.#releaseAll(keepFor);
  }

  async #releaseAll(keepFor: number): Promise<boolean> {
    const released = await Promise.all(this.#all().map((lease) => lease.release(keepFor)));
    return released.every(Boolean);
  }
}
