import {
  LockLostError,
  RedlockClosedError,
  releasedError,
  type QuorumError,
  type RedlockError,
} from '../errors.js';
import type { Lock } from '../lock.js';
import type { LockMode } from '../options.js';
import type { Claim } from '../protocol/operations.js';
import type { Granted } from '../quorum/attempt.js';
import { attemptError, extensionError } from '../quorum/error-messages.js';
import type { Tally } from '../quorum/ballot.js';
import type { ExtendResult, Quorum } from '../quorum/quorum.js';
import { votesOf } from '../quorum/response.js';
import type { Runtime } from '../time/runtime.js';
import { readClocks, type Validity } from '../time/validity.js';
import type { Waiting } from '../waiting/waiting.js';
import type { Emitter } from './emitter.js';
import { ExtensionSchedule, Turns } from './extension-schedule.js';
import { extending, releasing, traceDetach, traceExtension, traceRelease } from './tracing.js';
import type { Watchable, Watchdog } from './watchdog.js';

/**
 * What all leases of a Redlock share. Perf: memory of ten thousand locks; each lease has one reference to it.
 */
export interface LeaseServices {
  readonly quorum: Quorum;
  readonly runtime: Runtime;
  readonly driftFactor: number;
  readonly events: Emitter;
  readonly waiting: Waiting;
  readonly watchdog: Watchdog<Lease>;
  /** Aborts when the Redlock is closed. */
  readonly closed: AbortSignal;
}

/** The terms on which a claim is held. */
export interface LeaseTerms {
  readonly ttl: number;
  readonly autoExtend: boolean;
  /** How long the lease is extended automatically, in ms. */
  readonly maxHold: number;
  /** Whether a `using` routine runs under it. */
  readonly forRoutine: boolean;
}

/** An event loop that is late by less than this share of the ttl leaves time for several extensions. */
const LIKELY = 0.1;

/** A claim that a quorum has granted, until it is released, detached or lost. Its handles are {@link Lock}s. */
export class Lease implements Watchable {
  readonly resources: readonly string[];
  readonly claim: Claim;
  readonly forRoutine: boolean;
  /** The first handle, which events show. */
  lock!: Lock;
  position = -1;
  readonly #services: LeaseServices;
  /** null: the lease is not extended automatically. */
  readonly #schedule: ExtensionSchedule | null;
  readonly #since: number;
  #turns: Turns | null = null;
  /** How many handles there are. The lease is released with the last of them. */
  #handles = 1;
  #keepFor = 0;
  #validity: Validity;
  #ttl: number;
  #loss: LockLostError | null = null;
  #isForceReleased = false;
  #over = false;
  #controller: AbortController | null = null;
  /** The votes on the latest extension; null: it has succeeded, or there was none. */
  #latest: Tally | null = null;
  /** The longest delay of the event loop that was noticed since the latest grant or extension, in ms. */
  #loopDelay = 0;
  /** The value to which the counters of some nodes may have been raised. */
  #raisedTo = 0;

  constructor(
    services: LeaseServices,
    resources: readonly string[],
    { ttl, autoExtend, maxHold, forRoutine }: LeaseTerms,
    { claim, validity }: Granted,
  ) {
    const { runtime, driftFactor } = services;
    this.resources = resources;
    this.claim = claim;
    this.forRoutine = forRoutine;
    this.#services = services;
    this.#schedule = autoExtend ? new ExtensionSchedule(runtime, driftFactor, maxHold) : null;
    this.#since = runtime.now();
    this.#validity = validity;
    this.#ttl = ttl;
  }

  get permit(): number | null {
    return this.claim.keys.permit;
  }

  get mode(): LockMode {
    return this.claim.keys.mode;
  }

  /** The ttl of the last extension that succeeded; at first, that of the grant. */
  get ttl(): number {
    return this.#ttl;
  }

  get driftFactor(): number {
    return this.#services.driftFactor;
  }

  /** Whether the lease was released, lost or detached. */
  get isOver(): boolean {
    return this.#over;
  }

  /** How long the lease has been held, in ms. */
  get heldFor(): number {
    return this.#services.runtime.now() - this.#since;
  }

  get loss(): LockLostError | null {
    return this.#loss;
  }

  /** Whether `close({ release: true })` has released the lease under its handles. */
  get isForceReleased(): boolean {
    return this.#isForceReleased;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#loss) this.#controller.abort(this.#loss);
    return this.#controller.signal;
  }

  /** The validity that is left, in ms; 0 if the lease has ended. Notices the end of validity. */
  remaining(): number {
    if (this.#over) return 0;
    const ms = this.#validity.remaining(this.#services.runtime);
    if (ms > 0) return ms;
    this.#lose(this.#expiry());
    return 0;
  }

  /**
   * Notices the end of validity.
   * @param resources what the error is about if the lease was released or detached
   * @throws LockLostError, RedlockClosedError, RedlockError (`LOCK_RELEASED`) if the lease has ended
   */
  throwIfOver(resources = this.resources): void {
    this.remaining();
    if (this.#over) throw this.endOf(resources);
  }

  /** The error of an extension after the lease, or a handle on it, has ended. */
  endOf(resources: readonly string[]): RedlockError {
    if (this.#services.closed.aborted) return new RedlockClosedError(resources);
    return this.#loss ?? releasedError(resources);
  }

  /** Counts one more handle. */
  share(): void {
    this.#handles++;
  }

  /**
   * Extends the lease, in turn.
   * @param ttl in ms; by default that of the last extension that succeeded
   * @throws LockLostError, QuorumError
   */
  extend(ttl?: number): Promise<void> {
    if (!extending.isOn) return this.#extendInTurn(ttl);
    return traceExtension(this, ttl ?? this.#ttl, () => this.#extendInTurn(ttl));
  }

  /**
   * Raises the counters of a quorum, and then the lease, to a fencing token that was granted to the same owner since, in
   * turn.
   * @param resources those that the owner requested: an error is about them
   * @throws LockLostError, ResourceLockedError, QuorumError
   */
  raise(fencingToken: number, resources: readonly string[]): Promise<void> {
    return this.#inTurn(async () => {
      this.throwIfOver();
      this.#raisedTo = Math.max(this.#raisedTo, fencingToken);
      await this.#raise(resources);
    });
  }

  /**
   * Releases one handle, and the lease with the last of them.
   * @param keepFor for how many ms the keys stay on the nodes without an owner
   * @returns whether the lease was held until now; a quorum has confirmed that, if this was the last handle
   */
  release(keepFor: number): Promise<boolean> {
    if (!releasing.isOn) return this.#releaseHandle(keepFor);
    return traceRelease(this, () => this.#releaseHandle(keepFor));
  }

  /** Releases the lease, however many handles it has. Resolves when every node has answered or has had its time. */
  forceRelease(): Promise<boolean> {
    if (!releasing.isOn) return this.#releaseAll();
    return traceRelease(this, () => this.#releaseAll());
  }

  /** Detaches one handle. With the last of them, nothing is done for the lease any more. */
  detach(): void {
    if (releasing.isOn) traceDetach(this, () => this.#detach());
    else this.#detach();
  }

  get slack(): number {
    return this.#schedule?.slack(this.#ttl) ?? 0;
  }

  /** Loses the lock if its validity has ended, or extends it if an extension is due. */
  check(early: boolean): number {
    const remaining = this.remaining();
    if (remaining === 0) return 0;
    this.#noteLoopDelay();
    const { quorum, closed } = this.#services;
    const schedule = this.#schedule;
    if (!schedule || this.#turns?.isBusy || closed.aborted) return remaining;
    const wait = schedule.wait(remaining, this.#ttl, early);
    if (wait > 0) return Math.min(remaining, wait);
    // Perf: load while nodes are unreachable. Ten thousand locks need not each ask nodes that are known to be.
    if (this.#isCutOff && !quorum.isReachable) return schedule.postpone(remaining);
    schedule.run(() => void this.extend().catch(() => {}));
    return remaining;
  }

  async #extendInTurn(ttl?: number): Promise<void> {
    this.throwIfOver();
    await this.#inTurn(() => this.#extend(ttl ?? this.#ttl));
  }

  async #inTurn(act: () => Promise<void>): Promise<void> {
    try {
      await (this.#turns ??= new Turns()).take(act);
    } finally {
      this.#services.watchdog.check(this);
    }
  }

  async #extend(ttl: number): Promise<void> {
    const { resources, claim } = this;
    const { quorum, events, runtime, closed } = this.#services;
    // No extension counts on a node whose counter is above the lock's token, so the token has to catch up first.
    const isBehind = this.#raisedTo > claim.fencingToken;
    if (isBehind && !this.#over) await this.#raise(resources).catch(() => {});
    this.throwIfOver();
    if (closed.aborted) throw new RedlockClosedError(resources);
    const extension = quorum.extend(claim, ttl);
    this.#latest = extension.tally;
    const result = await extension.result;
    this.throwIfOver();
    if (result.verdict === 'extended') {
      this.#validity = this.#validity.orLater(result.validity, runtime);
      this.#ttl = ttl;
      this.#schedule?.succeeded();
      this.#latest = null;
      this.#loopDelay = 0;
      events.emit('extended', { lock: this.lock });
    } else throw this.#extensionError(result);
  }

  #extensionError({ verdict, responses }: ExtendResult): LockLostError | QuorumError {
    if (verdict === 'not-held') {
      const loss = new LockLostError('NOT_HELD', this.resources, votesOf(responses));
      this.#lose(loss);
      return loss;
    }
    this.#schedule?.postpone(this.remaining());
    return extensionError(this.resources, responses, this.#isCutOff);
  }

  async #raise(resources: readonly string[]): Promise<void> {
    const fencingToken = this.#raisedTo;
    const failed = await this.#services.quorum.raise(this.claim, this.#ttl, fencingToken);
    if (failed) throw attemptError(resources, failed);
    // Do not publish a raised token on a lost lock: it could outrank its successors'.
    this.throwIfOver();
    this.claim.fencingToken = fencingToken;
  }

  /** Whether fewer than a quorum of nodes have answered the latest extension. */
  get #isCutOff(): boolean {
    const latest = this.#latest;
    return latest !== null && latest.granted + latest.denied < this.#services.quorum.size;
  }

  /** Why the lease is lost, if its validity has ended just now. */
  #expiry(): LockLostError {
    this.#noteLoopDelay();
    const ms = this.#loopDelay;
    const loopDelay = ms < LIKELY * this.#ttl ? undefined : Math.round(ms);
    const reason = this.#isCutOff && !this.#stoodStill() ? 'UNREACHABLE' : 'EXPIRED';
    return new LockLostError(reason, this.resources, [], loopDelay);
  }

  /**
   * Whether the process did not run when the validity ended: its event loop was blocked, or the machine was suspended.
   * Then no reply could arrive, so the nodes need not be unreachable. Clocks may differ by a little at any time.
   */
  #stoodStill(): boolean {
    const { runtime, watchdog } = this.#services;
    const ranUntil = readClocks(runtime).mono - watchdog.lateness;
    return this.#validity.mono - ranUntil > LIKELY * this.#ttl;
  }

  #noteLoopDelay(): void {
    this.#loopDelay = Math.max(this.#loopDelay, this.#services.watchdog.lateness);
  }

  #lose(loss: LockLostError): void {
    this.#loss = loss;
    void this.#end('all', 0);
    this.#controller?.abort(loss);
    this.#services.events.emit('lost', { lock: this.lock, error: loss });
  }

  #releaseHandle(keepFor: number): Promise<boolean> {
    if (this.remaining() === 0) return Promise.resolve(false);
    this.#keepFor = Math.max(this.#keepFor, keepFor);
    return --this.#handles > 0 ? Promise.resolve(true) : this.#release('quorum');
  }

  #releaseAll(): Promise<boolean> {
    if (this.remaining() === 0) return Promise.resolve(false);
    this.#handles = 0;
    this.#isForceReleased = true;
    return this.#release('all');
  }

  async #release(decidedBy: 'quorum' | 'all'): Promise<boolean> {
    const confirmed = await this.#end(decidedBy, this.#keepFor);
    this.#services.events.emit('released', { lock: this.lock, confirmed });
    return confirmed;
  }

  #detach(): void {
    if (this.#over || --this.#handles > 0) return;
    this.#over = true;
    this.claim.isDetached = true;
    this.#services.watchdog.remove(this);
  }

  /** Ends the lease. From here on, only releases are written for it. */
  #end(decidedBy: 'quorum' | 'all', keepFor: number): Promise<boolean> {
    const { quorum, waiting, watchdog } = this.#services;
    this.#over = true;
    watchdog.remove(this);
    // A lock that is kept frees nothing for which a waiter could be next.
    const queue = keepFor > 0 ? null : waiting.releasing(this.claim);
    return quorum.release(this.claim, { queue, keepFor, decidedBy });
  }
}
