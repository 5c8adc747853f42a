import { LockLostError } from '../errors.js';
import type { Lock } from '../lock.js';
import type { Granted } from '../attempt/attempt.js';
import type { LockMode } from '../mode.js';
import type { Claim } from '../protocol/claim.js';
import type { Validity } from '../time/validity.js';
import type { Extendable } from './extendable.js';
import { Extensions, type ExtensionServices } from './extensions.js';
import { releaseLease, type Released, type ReleaseServices } from './release.js';
import type { Tries } from './tries.js';
import type { Watchdog } from './watchdog.js';

/**
 * Everything that all leases of a Redlock share. Perf: memory of ten thousand locks; each lease has one reference to
 * it.
 */
export interface LeaseServices extends ExtensionServices, ReleaseServices {
  readonly watchdog: Watchdog<Lease>;
  readonly newToken: () => string;
  /** Makes the first handle on a lease. */
  readonly handleOf: (lease: Lease) => Lock;
}

/** The terms on which a claim is held. */
export interface LeaseTerms {
  readonly resources: readonly string[];
  readonly ttl: number;
  readonly autoExtend: boolean;
  readonly maxHold: number;
  readonly forRoutine: boolean;
}

/** A claim that a quorum has granted, until it is released, detached or lost. Its handles are {@link Lock}s. */
export class Lease implements Extendable {
  readonly resources: readonly string[];
  readonly claim: Claim;
  readonly forRoutine: boolean;
  readonly lock: Lock;
  position = -1;
  readonly #services: LeaseServices;
  readonly #extensions: Extensions;
  /** How many handles there are. The lease is released with the last of them. */
  #handles = 1;
  readonly #since: number;
  #validity: Validity;
  #ttl: number;
  #loss: LockLostError | null = null;
  /** The reason with which the signal has aborted; `lost` was emitted then. */
  #ending: LockLostError | null = null;
  #over = false;
  #controller: AbortController | null = null;

  /** @param tries of the caller that was granted the claim */
  constructor(services: LeaseServices, terms: LeaseTerms, granted: Granted, tries: Tries) {
    const { claim, validity } = granted;
    const { waited, attempts } = tries;
    this.resources = terms.resources;
    this.claim = claim;
    this.forRoutine = terms.forRoutine;
    this.#services = services;
    this.lock = services.handleOf(this);
    this.#extensions = new Extensions(services, terms, this);
    this.#ttl = terms.ttl;
    this.#validity = validity;
    this.#since = services.runtime.now();
    services.lines.held(this);
    services.events.emit('acquired', { lock: this.lock, waited, attempts });
    if (!this.#over) services.watchdog.add(this);
  }

  get lines(): readonly string[] {
    return this.claim.lockKeys.lines;
  }

  get permit(): number | null {
    return this.claim.lockKeys.permit;
  }

  get mode(): LockMode {
    return this.claim.lockKeys.mode;
  }

  get ttl(): number {
    return this.#ttl;
  }

  get isOver(): boolean {
    return this.#over;
  }

  /** For how many ms the lease is held by now. */
  get heldFor(): number {
    return this.#services.runtime.now() - this.#since;
  }

  get loss(): LockLostError | null {
    return this.#loss;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#ending) this.#controller.abort(this.#ending);
    return this.#controller.signal;
  }

  remaining(): number {
    if (this.#over) return 0;
    const ms = this.#validity.remaining(this.#services.runtime);
    if (ms > 0) return ms;
    this.lose(this.#extensions.expiry(this.#validity));
    return 0;
  }

  /**
   * Notices the end of validity.
   * @param resources what the error is about if the lease was released or detached
   * @throws LockLostError if the lease is over
   */
  throwIfOver(resources = this.resources): void {
    this.remaining();
    if (this.#over) throw this.#loss ?? new LockLostError('RELEASED', resources);
  }

  /** Counts one more handle. */
  share(): void {
    this.#handles++;
  }

  /** See {@link Extensions.extend}. */
  extend(ttl?: number): Promise<void> {
    return this.#extensions.extend(ttl);
  }

  /** See {@link Extensions.raise}. */
  raise(fencingToken: number, resources: readonly string[]): Promise<void> {
    return this.#extensions.raise(fencingToken, resources);
  }

  /**
   * Releases one handle, and the lease with the last of them.
   * @param keepFor for how many ms the keys stay on the nodes without an owner
   * @returns whether the lease was held until now; a quorum has confirmed that, if this was the last handle
   */
  release(keepFor: number): Promise<boolean> {
    if (this.remaining() === 0) return Promise.resolve(false);
    this.claim.keepFor = Math.max(this.claim.keepFor, keepFor);
    if (--this.#handles > 0) return Promise.resolve(true);
    // Leave the keys to a token that nobody has, so that no late command finds them to be ours and keeps them longer.
    if (this.claim.keepFor > 0) this.claim.successor = this.#services.newToken();
    return this.#release('quorum');
  }

  /** Aborts the signal of a `using` routine, because the Redlock is closed and extends nothing any more. */
  abandon(): void {
    if (!this.#over) this.#abort(new LockLostError('CLOSED', this.resources));
  }

  /** Releases the lease, however many handles it has. Resolves when every node has answered or has had its time. */
  surrender(): Promise<boolean> {
    if (this.remaining() === 0) return Promise.resolve(false);
    this.#handles = 0;
    this.#loss = this.#ending;
    return this.#release('all');
  }

  /** Gives one handle up. With the last of them, nothing is done for the lease any more. */
  detach(): void {
    if (this.#over || --this.#handles > 0) return;
    this.#over = true;
    this.#services.watchdog.remove(this);
    this.#services.lines.ended(this);
  }

  prolong(validity: Validity, ttl: number): void {
    this.#validity = this.#validity.orLater(validity, this.#services.runtime);
    this.#ttl = ttl;
  }

  lose(loss: LockLostError): void {
    this.#loss = loss;
    this.claim.keepFor = 0;
    this.claim.successor = null;
    void this.#end('all');
    this.#abort(loss);
  }

  get slack(): number {
    return this.#extensions.slack;
  }

  /** Loses the lock if its validity has ended, or extends it if an extension is due. */
  check(early: boolean): number {
    const remaining = this.remaining();
    return remaining === 0 ? 0 : this.#extensions.extendIfDue(remaining, early);
  }

  #abort(reason: LockLostError): void {
    if (this.#ending) return;
    this.#ending = reason;
    this.#controller?.abort(reason);
    const { loopDelay } = reason;
    this.#services.events.emit('lost', { lock: this.lock, error: reason, loopDelay });
  }

  async #release(decidedBy: 'quorum' | 'all'): Promise<boolean> {
    const { decision: confirmed } = await this.#end(decidedBy);
    this.#services.events.emit('released', { lock: this.lock, confirmed });
    return confirmed;
  }

  /** Ends the lease. From here on, nothing but releases is written for it. */
  #end(decidedBy: 'quorum' | 'all'): Promise<Released> {
    this.#over = true;
    this.claim.over = true;
    this.#services.watchdog.remove(this);
    return releaseLease(this.#services, this, decidedBy);
  }
}
