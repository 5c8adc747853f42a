import { LockLostError } from './errors.js';
import type { Hold } from './hold.js';
import { parseReleaseOptions, type ReleaseOptions } from './release-options.js';
import { retraced } from './retraced.js';
import { parseTtl } from './ttl.js';

/** A handle on a held lock. It ends when it is released, detached or lost, and stays ended. */
export interface Lock extends AsyncDisposable {
  readonly resources: readonly string[];
  /** The random value that proves ownership on the nodes. Whoever has it can release the lock. */
  readonly token: string;
  /**
   * Grows with every grant of any of the resources; 0 with `fencing: false`. Send it along with
   * every write, and have whatever is written to refuse lower ones. A safe integer too large for
   * 32 bits: in a database its column is a `bigint`.
   */
  readonly fencingToken: number;
  /**
   * Aborts, with a {@link LockLostError} as reason, the moment the lock can no longer be trusted.
   * A release does not abort it.
   */
  readonly signal: AbortSignal;
  /** Ms of validity left; 0 when lost, released or detached. */
  remaining(): number;
  /**
   * Holds it for at least `ttl` from now. Never shortens: `release({ keepFor })` does.
   * @param ttl in ms; by default that of the last extension that succeeded. Automatic extensions use it from then on.
   * @throws LockLostError when the lock is lost, released or detached
   * @throws QuorumError when too many nodes are out of reach and validity is left: try again
   */
  extend(ttl?: number): Promise<void>;
  /**
   * Gives the lock back on every node. Again, it changes nothing.
   * @returns whether a quorum confirmed that the lock was held until now
   * @throws TypeError, RangeError for bad options, and the lock is held as before; it never rejects otherwise
   */
  release(options?: ReleaseOptions): Promise<boolean>;
  /**
   * Ends this handle, not the lock: that stays on the nodes until its ttl is over, and is not extended
   * any more. Another process may go on with it: `adopt` of a Redlock.
   */
  detach(): void;
}

const NONE: readonly Hold[] = [];

/**
 * What a handle is on. Set by the class, which alone can see it.
 * @internal
 */
export let holdsOf: (lock: Lock) => readonly Hold[];

/**
 * Users see the interface only, which they can implement themselves in tests of their own.
 * @internal
 */
export class HeldLock implements Lock {
  readonly resources: readonly string[];
  readonly #hold: Hold;
  /** What it has been re-entered with besides. */
  readonly #others: readonly Hold[];
  readonly #driftFactor: number;
  #signal: AbortSignal | null = null;
  #ended: Promise<boolean> | null = null;

  static {
    holdsOf = (lock) => (lock as HeldLock).#all();
  }

  constructor(
    resources: readonly string[],
    [hold, ...others]: readonly [Hold, ...Hold[]],
    driftFactor: number,
  ) {
    this.resources = resources;
    this.#hold = hold;
    this.#others = others.length > 0 ? others : NONE;
    this.#driftFactor = driftFactor;
  }

  get token(): string {
    return this.#hold.claim.token;
  }

  get fencingToken(): number {
    return Math.max(...this.#all().map(({ claim }) => claim.fencingToken));
  }

  get signal(): AbortSignal {
    if (this.#others.length === 0) return this.#hold.signal;
    return (this.#signal ??= AbortSignal.any(this.#all().map(({ signal }) => signal)));
  }

  remaining(): number {
    return this.#ended ? 0 : Math.min(...this.#all().map((hold) => hold.remaining()));
  }

  async extend(ttl?: number): Promise<void> {
    if (ttl !== undefined) parseTtl(ttl, this.#driftFactor);
    try {
      if (this.remaining() === 0) {
        const lost = this.#all().find(({ loss }) => loss);
        throw lost?.loss ?? new LockLostError('RELEASED', this.resources);
      }
      await Promise.all(this.#all().map((hold) => hold.extend(ttl)));
    } catch (error) {
      throw retraced(error);
    }
  }

  async release(options?: ReleaseOptions): Promise<boolean> {
    const keepFor = parseReleaseOptions(options);
    return (this.#ended ??= this.#release(keepFor));
  }

  detach(): void {
    if (this.#ended) return;
    this.#ended = Promise.resolve(false);
    for (const hold of this.#all()) hold.detach();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release();
  }

  #all(): readonly Hold[] {
    return [this.#hold, ...this.#others];
  }

  #release(keepFor: number): Promise<boolean> {
    return this.#others.length === 0 ? this.#hold.release(keepFor) : this.#releaseAll(keepFor);
  }

  async #releaseAll(keepFor: number): Promise<boolean> {
    const released = await Promise.all(this.#all().map((hold) => hold.release(keepFor)));
    return released.every(Boolean);
  }
}
