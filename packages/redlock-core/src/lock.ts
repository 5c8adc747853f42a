import type { Claim } from './claim.js';
import type { Core } from './core.js';
import { LockLostError } from './errors.js';
import { Hold, type Terms } from './hold.js';
import { parseKeepFor, parseTtl } from './options.js';
import type { Validity } from './validity.js';

export interface ReleaseOptions {
  /**
   * Keep the lock for so many ms more, with no owner, instead of giving it back: a job that must not
   * run again too soon, on a machine whose clock is behind, say. A positive safe integer.
   */
  keepFor?: number | undefined;
}

/** A held lock. It ends when it is released, detached or lost, whichever is first, and stays ended. */
export class Lock implements AsyncDisposable {
  readonly resources: readonly string[];
  readonly #core: Core;
  readonly #hold: Hold;
  #ended: Promise<boolean> | null = null;

  /** @internal */
  constructor(core: Core, terms: Terms, claim: Claim, validity: Validity) {
    this.resources = terms.resources;
    this.#core = core;
    this.#hold = new Hold(core, terms, claim, validity, this);
    core.events.emit('acquired', { lock: this });
    if (!this.#ended) core.watch.add(this.#hold);
  }

  /** The random value that proves ownership on the nodes. Whoever has it can release the lock. */
  get token(): string {
    return this.#hold.claim.token;
  }

  /**
   * Grows with every grant of any of the resources; 0 with `fencing: false`. Send it along with
   * every write, and have whatever is written to refuse lower ones.
   */
  get fencingToken(): number {
    return this.#hold.claim.fencingToken;
  }

  /**
   * Aborts, with a {@link LockLostError} as reason, the moment the lock can no longer be trusted.
   * A release does not abort it.
   */
  get signal(): AbortSignal {
    return this.#hold.signal;
  }

  /** Ms of validity left; 0 when lost, released or detached. */
  remaining(): number {
    return this.#ended ? 0 : this.#hold.remaining();
  }

  /**
   * Starts the ttl anew on the nodes.
   * @param ttl in ms; by default the one last given. Automatic extensions use it from now on.
   * @throws LockLostError when the lock is lost, released or detached
   * @throws QuorumError when too many nodes are out of reach and validity is left: try again
   */
  async extend(ttl: number = this.#hold.ttl): Promise<void> {
    parseTtl(ttl, this.#core.settings.driftFactor);
    if (this.remaining() === 0) {
      throw this.#hold.loss ?? new LockLostError('RELEASED', this.resources);
    }
    await this.#hold.extend(ttl);
  }

  /**
   * Gives the lock back on every node. Again, it changes nothing.
   * @returns whether a quorum confirmed that the lock was held until now
   * @throws TypeError, RangeError for a bad `keepFor`; it never rejects otherwise
   */
  async release({ keepFor }: ReleaseOptions = {}): Promise<boolean> {
    if (keepFor !== undefined) parseKeepFor(keepFor);
    const held = this.remaining() > 0;
    return (this.#ended ??= held ? this.#hold.release(keepFor) : Promise.resolve(false));
  }

  /**
   * Ends this handle, not the lock: that stays on the nodes until its ttl is over, and is not extended
   * any more. Another process may go on with it, see {@link Redlock.adopt}.
   */
  detach(): void {
    if (this.#ended) return;
    this.#ended = Promise.resolve(false);
    this.#hold.detach();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release();
  }
}
