import { tellVotes, votesOf } from '../node/response.js';
import type { Claim } from '../protocol/claim.js';
import type { Runtime } from '../time/runtime.js';
import type { WaitingLines } from '../waiting/waiting-lines.js';
import type { Emitter } from './emitter.js';
import { closedError, LockLostError, QuorumError, quote, type LossCode } from '../errors.js';
import { Healing } from './healing.js';
import type { Lock } from '../lock.js';
import { confirm, extend, release } from '../protocol/operation.js';
import type { Decision, Judge, Quorum } from '../quorum/quorum.js';
import { refusalError } from '../attempt/refusal.js';
import { fullValidity, readClocks, Validity } from '../time/validity.js';
import { judgeAll, judgeConfirm, judgeExtend, judgeRelease } from '../quorum/verdict.js';
import type { Vote } from '../vote.js';
import type { Watchdog, Watchable } from './watchdog.js';

/**
 * Everything that all leases of a Redlock share. Perf: memory of ten thousand locks; each lease has one reference to
 * it.
 */
export interface LeaseServices {
  readonly quorum: Quorum;
  readonly runtime: Runtime;
  readonly driftFactor: number;
  readonly events: Emitter;
  readonly lines: WaitingLines;
  readonly watchdog: Watchdog<Lease>;
  /** Makes the first handle on a lease. */
  readonly handleOf: (lease: Lease) => Lock;
  /** Aborts when the Redlock is closed. */
  readonly closed: AbortSignal;
}

/** The terms on which a claim is held. */
export interface LeaseTerms {
  readonly resources: readonly string[];
  readonly ttl: number;
  readonly autoExtend: boolean;
  readonly maxHold: number;
  readonly forRoutine: boolean;
}

const WITHOUT_QUORUM = 'fewer than a quorum of nodes could acknowledge it';

/** An extension may run this fraction of ttl/3 early, to share a command with others. */
const EARLY = 0.1;

/** A claim that a quorum has granted, until it is released, detached or lost. Its handles are {@link Lock}s. */
export class Lease implements Watchable {
  readonly resources: readonly string[];
  readonly claim: Claim;
  readonly forRoutine: boolean;
  position = -1;
  readonly #services: LeaseServices;
  readonly #autoExtend: boolean;
  /** When automatic extension ends, on the monotonic clock. */
  readonly #extendUntil: number;
  /** The first handle on the lease, which events show. */
  readonly #lock: Lock;
  /** How many handles there are. The lease is released with the last of them. */
  #handles = 1;
  #validity: Validity;
  /** The ttl of the last extension that succeeded; at first, that of the grant. */
  #ttl: number;
  #loss: LockLostError | null = null;
  /** The reason with which the signal has aborted; `lost` was emitted then. */
  #ending: LockLostError | null = null;
  /** Whether the lease was released, lost or detached. */
  #over = false;
  #controller: AbortController | null = null;
  /**
   * The latest turn. Extensions take turns, so that the last one that was sent is the one that counts. A rise of the
   * fencing token takes a turn too, because extensions carry the token.
   */
  #turn: Promise<void> | null = null;
  /** The value to which the counters of some nodes may have been raised. */
  #raisedTo = 0;
  /** Whether fewer than a quorum of nodes have answered the latest extension. */
  #unreachable = false;
  /** When to try the next extension after one that failed, on the monotonic clock. */
  #retryAt = 0;

  constructor(services: LeaseServices, terms: LeaseTerms, claim: Claim, validity: Validity) {
    this.resources = terms.resources;
    this.claim = claim;
    this.forRoutine = terms.forRoutine;
    this.#services = services;
    this.#lock = services.handleOf(this);
    this.#autoExtend = terms.autoExtend;
    this.#extendUntil = services.runtime.now() + terms.maxHold;
    this.#ttl = terms.ttl;
    this.#validity = validity;
    services.lines.held(this);
    services.events.emit('acquired', { lock: this.#lock });
    if (!this.#over) services.watchdog.add(this);
  }

  get lock(): Lock {
    return this.#lock;
  }

  get channels(): readonly string[] {
    return this.claim.lockKeys.channels;
  }

  get loss(): LockLostError | null {
    return this.#loss;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#ending) this.#controller.abort(this.#ending);
    return this.#controller.signal;
  }

  /** The validity that is left in ms; 0 if the lease is over. Notices the end of validity. */
  remaining(): number {
    if (this.#over) return 0;
    const ms = this.#validity.remaining(this.#services.runtime);
    if (ms > 0) return ms;
    this.#lose(this.#unreachable ? 'UNREACHABLE' : 'EXPIRED');
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

  /**
   * Extends the lease, in turn.
   * @param ttl in ms; by default that of the last extension that succeeded
   * @throws LockLostError, QuorumError
   */
  extend(ttl?: number): Promise<void> {
    return this.#inTurn(() => this.#extend(ttl ?? this.#ttl));
  }

  /**
   * Raises the fencing token to one that was granted to the same owner since.
   * @param resources those that the owner asked for: an error is about them
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
  async release(keepFor: number): Promise<boolean> {
    if (this.remaining() === 0) return false;
    this.claim.keepFor = Math.max(this.claim.keepFor, keepFor);
    if (--this.#handles > 0) return true;
    // Leave the keys to a token that nobody has, so that no late command finds them to be ours and keeps them longer.
    if (this.claim.keepFor > 0) this.claim.successor = this.#services.runtime.token();
    return this.#release(judgeRelease);
  }

  /**
   * Aborts the signal of a lease under which a routine works, because the Redlock is closed and extends nothing any
   * more.
   */
  abandon(): void {
    if (!this.#over) this.#abort(new LockLostError('CLOSED', this.resources));
  }

  /** Releases the lease, however many handles it has. Resolves when every node has answered or has had its time. */
  async surrender(): Promise<void> {
    if (this.remaining() === 0) return;
    this.#handles = 0;
    this.#loss = this.#ending;
    await this.#release((responses, nodes) =>
      judgeAll(responses, nodes) ? judgeRelease(responses, nodes) : undefined,
    );
  }

  /** Gives one handle up. With the last of them, nothing is done for the lease any more. */
  detach(): void {
    if (this.#over || --this.#handles > 0) return;
    this.#over = true;
    this.#services.watchdog.remove(this);
    this.#services.lines.releasing(this, false);
    this.#services.lines.released(this, []);
  }

  /**
   * How much earlier than due an extension may run, in ms. A retry may not run early: retries would follow each other
   * at once.
   */
  get slack(): number {
    const isRetry = this.#retryAt > this.#services.runtime.now();
    return this.#autoExtend && !isRetry ? (this.#ttl / 3) * EARLY : 0;
  }

  /** Loses the lock if its validity has ended, or extends it if an extension is due. */
  look(early: boolean): number {
    const remaining = this.remaining();
    const { runtime, closed } = this.#services;
    const busy = this.#turn !== null || closed.aborted;
    const wanted = this.#autoExtend && runtime.now() < this.#extendUntil;
    if (remaining === 0 || busy || !wanted) return remaining;
    const due = this.#extensionDue(remaining);
    if (due > (early ? this.slack : 0)) return Math.min(remaining, due);
    if (this.#unreachable && !this.#services.quorum.isWithinReach) {
      // Perf: load while nodes are away. Ten thousand locks need not each ask nodes that are known to be away.
      return this.#tryAgainLater(remaining);
    }
    this.extend().catch(() => {});
    return remaining;
  }

  /**
   * Runs `act` after all turns before it.
   *
   * The next turn waits for a promise of its own, not for the one that the caller gets: V8 shows the async callers in
   * an error's stack only if each promise on the way has one reaction.
   */
  async #inTurn(act: () => Promise<void>): Promise<void> {
    const before = this.#turn;
    let end!: () => void;
    const turn = new Promise<void>((resolve) => (end = resolve));
    // Mark the lease busy first, so that the watchdog starts no second extension.
    this.#turn = turn;
    try {
      if (before) await before;
      await act();
    } finally {
      if (this.#turn === turn) this.#turn = null;
      end();
      this.#services.watchdog.look(this);
    }
  }

  async #raise(resources: readonly string[]): Promise<void> {
    const { quorum } = this.#services;
    const fencingToken = this.#raisedTo;
    const { decision, responses } = await quorum.ask(
      confirm(this.claim, this.#ttl, fencingToken),
      (confirms, nodes) => judgeConfirm(0, quorum.size, confirms, nodes),
    );
    if (decision !== 'confirmed') {
      throw refusalError(resources, { granted: false, refusal: decision, responses });
    }
    // Do not publish a raised token on a lost lock: it could outrank its successors'.
    this.throwIfOver();
    this.claim.fencingToken = fencingToken;
  }

  async #extend(ttl: number): Promise<void> {
    const { quorum, runtime, driftFactor, events, closed } = this.#services;
    // No extension counts on a node whose counter is above the lock's token, so the token has to catch up first.
    const behind = this.#raisedTo > this.claim.fencingToken;
    if (behind && !this.#over) await this.#raise(this.resources).catch(() => {});
    this.throwIfOver();
    if (closed.aborted) throw closedError(this.resources);
    const validity = Validity.since(readClocks(runtime), fullValidity(ttl, driftFactor));
    this.#unreachable = true;
    const healing = new Healing(quorum, this.claim, ttl);
    const asked = quorum.ask(
      extend(this.claim, ttl),
      (responses, nodes) => {
        this.#unreachable = responses.filter(({ vote }) => vote !== 'failed').length < quorum.size;
        return judgeExtend(responses, nodes);
      },
      { look: (response) => this.#over || healing.look(response) },
    );
    const { decision, responses } = await asked;
    this.throwIfOver();
    if (decision === 'extended') {
      this.#validity = this.#validity.orLater(validity, runtime);
      this.#ttl = ttl;
      this.#retryAt = 0;
      healing.begin();
      events.emit('extended', { lock: this.#lock });
      return;
    }
    const votes = votesOf(responses);
    if (decision === 'taken') throw this.#lose('TAKEN', votes);
    this.#tryAgainLater(this.remaining());
    const why = this.#unreachable ? 'too many nodes are out of reach' : WITHOUT_QUORUM;
    throw new QuorumError(
      `The lock on ${quote(this.resources)} was not extended, ${why}; ` +
        `try again while validity is left. Votes: ${tellVotes(votes)}`,
      this.resources,
      votes,
    );
  }

  /**
   * Puts the next extension off. The one that failed has changed nothing, but there must be time for many more.
   * @returns for how long, in ms
   */
  #tryAgainLater(remaining: number): number {
    const pause = remaining / 10;
    this.#retryAt = this.#services.runtime.now() + pause;
    return pause;
  }

  #lose(code: LossCode, votes?: readonly Vote[]): LockLostError {
    const loss = new LockLostError(code, this.resources, votes);
    this.#loss = loss;
    this.claim.keepFor = 0;
    this.claim.successor = null;
    void this.#end(judgeAll);
    this.#abort(loss);
    return loss;
  }

  #abort(reason: LockLostError): void {
    if (this.#ending) return;
    this.#ending = reason;
    this.#controller?.abort(reason);
    this.#services.events.emit('lost', { lock: this.#lock, error: reason });
  }

  async #release(judge: Judge<number, boolean>): Promise<boolean> {
    const { decision: confirmed } = await this.#end(judge);
    this.#services.events.emit('released', { lock: this.#lock, confirmed });
    return confirmed;
  }

  /** Ends the lease. From here on, nothing but releases is written for it. */
  #end<D>(judge: Judge<number, D>): Promise<Decision<number, D>> {
    const { quorum, lines } = this.#services;
    this.#over = true;
    this.claim.over = true;
    this.#services.watchdog.remove(this);
    const asked = quorum.ask(release(this.claim, this.#ttl), judge);
    lines.releasing(this, this.claim.keepFor === 0);
    void asked.then(({ responses }) => lines.released(this, responses));
    return asked;
  }

  /**
   * Ms until the next automatic extension: it is due when two thirds of the ttl are left, or, after one that failed, at
   * the end of the pause.
   */
  #extensionDue(remaining: number): number {
    const { runtime, driftFactor } = this.#services;
    const twoThirds = fullValidity(this.#ttl, driftFactor) - this.#ttl / 3;
    return Math.max(remaining - twoThirds, this.#retryAt - runtime.now());
  }
}
