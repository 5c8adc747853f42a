import { AsyncLocalStorage } from 'node:async_hooks';
import { closedError, LockLostError, QuorumError, quote } from '../errors.js';
import { tellVotes, votesOf } from '../node/response.js';
import { lastingErrorIn } from '../protocol/lasting-error.js';
import { extending } from '../telemetry/tracing.js';
import { readClocks, type Validity } from '../time/validity.js';
import type { Vote } from '../vote.js';
import type { Emitter } from './emitter.js';
import type { Extendable } from './extendable.js';
import { Extension, type RoundServices } from './extension.js';
import { ExtensionSchedule } from './extension-schedule.js';
import { raiseFencingToken } from './fencing-raise.js';
import { traceExtension } from './lease-traces.js';
import type { Watchdog } from './watchdog.js';

/** What the extensions of all leases of a Redlock share. */
export interface ExtensionServices extends RoundServices {
  readonly events: Emitter;
  readonly watchdog: Pick<Watchdog, 'check' | 'lateness'>;
  /** Aborts when the Redlock is closed. */
  readonly closed: AbortSignal;
}

/** The terms of automatic extension. */
interface AutoExtension {
  readonly autoExtend: boolean;
  /** For how many ms the lease is extended automatically. */
  readonly maxHold: number;
}

/** An event loop that is late by less than this share of the ttl leaves time for several extensions. */
const LIKELY = 0.1;

/**
 * The extensions of one lease, explicit and automatic. They take turns, so that the last one that was sent is the one
 * that counts. A raise of the fencing token takes a turn too, because extensions carry the token.
 */
export class Extensions {
  readonly #services: ExtensionServices;
  readonly #lease: Extendable;
  /** Null: the lease is not extended automatically. */
  readonly #schedule: ExtensionSchedule | null;
  /**
   * The async context of the caller that was granted the lease. Automatic extensions run in it, so that whoever traces
   * them knows whose they are; the timer that begins them may be anybody's. Null: nobody traces them.
   */
  readonly #scope: ReturnType<typeof AsyncLocalStorage.snapshot> | null;
  /** The latest turn; null: it has ended. */
  #turn: Promise<void> | null = null;
  /** The latest extension; null: it has succeeded, or there was none. */
  #latest: Extension | null = null;
  /** By how many ms the event loop was late since the latest grant or extension, at most, as far as was noticed. */
  #loopDelay = 0;
  /** The value to which the counters of some nodes may have been raised. */
  #raisedTo = 0;

  constructor(services: ExtensionServices, terms: AutoExtension, lease: Extendable) {
    this.#services = services;
    this.#lease = lease;
    this.#schedule = terms.autoExtend ? new ExtensionSchedule(services, terms.maxHold) : null;
    this.#scope = terms.autoExtend && extending.isOn ? AsyncLocalStorage.snapshot() : null;
  }

  /** Why the lease is lost, if its validity has ended just now. */
  expiry(validity: Validity): LockLostError {
    const { resources, ttl } = this.#lease;
    this.#noteLoopDelay();
    const ms = this.#loopDelay;
    const loopDelay = ms < LIKELY * ttl ? undefined : Math.round(ms);
    const isUnreachable = this.#isCutOff && !this.#stoodStill(validity);
    return new LockLostError(isUnreachable ? 'UNREACHABLE' : 'EXPIRED', resources, [], loopDelay);
  }

  /**
   * Whether the process did not run when the validity ended: its event loop was blocked, or the machine was suspended.
   * Then no reply could arrive, so the nodes need not be unreachable. Clocks may differ by a little at any time.
   */
  #stoodStill(validity: Validity): boolean {
    const { runtime, watchdog } = this.#services;
    const ranUntil = readClocks(runtime).mono - watchdog.lateness;
    return validity.mono - ranUntil > LIKELY * this.#lease.ttl;
  }

  /** How much earlier than due an extension may run, in ms. */
  get slack(): number {
    return this.#schedule?.slack(this.#lease.ttl) ?? 0;
  }

  /**
   * Extends the lease if an automatic extension is due.
   * @param remaining the validity that is left, in ms
   * @param early whether to extend it also if that is due within `slack`
   * @returns in how many ms to check again
   */
  extendIfDue(remaining: number, early: boolean): number {
    this.#noteLoopDelay();
    const { quorum, closed } = this.#services;
    const schedule = this.#schedule;
    if (this.#turn || closed.aborted || !schedule || schedule.isOver) return remaining;
    const due = schedule.due(remaining, this.#lease.ttl);
    if (due > (early ? this.slack : 0)) return Math.min(remaining, schedule.nextLook(due));
    if (this.#isCutOff && !quorum.isWithinReach) {
      // Perf: load while nodes are away. Ten thousand locks need not each ask nodes that are known to be away.
      return schedule.postpone(remaining);
    }
    const extend = (): void => void this.extend().catch(() => {});
    if (this.#scope) this.#scope(extend);
    else extend();
    return remaining;
  }

  /**
   * Extends the lease, in turn.
   * @param ttl in ms; by default that of the last extension that succeeded
   * @throws LockLostError, QuorumError
   */
  extend(ttl?: number): Promise<void> {
    const lease = this.#lease;
    return traceExtension(lease, ttl ?? lease.ttl, async () => {
      lease.throwIfOver();
      await this.#inTurn(() => this.#extend(ttl ?? lease.ttl));
    });
  }

  /**
   * Raises the fencing token to one that was granted to the same owner since, in turn.
   * @param resources those that the owner asked for: an error is about them
   * @throws LockLostError, ResourceLockedError, QuorumError
   */
  raise(fencingToken: number, resources: readonly string[]): Promise<void> {
    return this.#inTurn(async () => {
      this.#lease.throwIfOver();
      this.#raisedTo = Math.max(this.#raisedTo, fencingToken);
      await this.#raise(resources);
    });
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
      this.#services.watchdog.check(this.#lease);
    }
  }

  #whyNot({ unreachable }: Extension, votes: readonly Vote[]): string {
    const lasting = lastingErrorIn(votes);
    if (lasting !== undefined) return lasting;
    const why = unreachable
      ? 'too few nodes are reachable'
      : 'fewer than a quorum of nodes acknowledged it';
    return `${why}. Try again while validity is left.`;
  }

  #noteLoopDelay(): void {
    this.#loopDelay = Math.max(this.#loopDelay, this.#services.watchdog.lateness);
  }

  /** Whether fewer than a quorum of nodes have answered the latest extension. */
  get #isCutOff(): boolean {
    return this.#latest?.unreachable ?? false;
  }

  #raise(resources: readonly string[]): Promise<void> {
    return raiseFencingToken(this.#services.quorum, this.#lease, this.#raisedTo, resources);
  }

  async #extend(ttl: number): Promise<void> {
    const lease = this.#lease;
    const { resources, claim } = lease;
    const { events, closed } = this.#services;
    // No extension counts on a node whose counter is above the lock's token, so the token has to catch up first.
    const behind = this.#raisedTo > claim.fencingToken;
    if (behind && !lease.isOver) await this.#raise(resources).catch(() => {});
    lease.throwIfOver();
    if (closed.aborted) throw closedError(resources);
    const extension = new Extension(this.#services, lease, ttl);
    this.#latest = extension;
    const { decision, responses } = await extension.ask();
    lease.throwIfOver();
    if (decision === 'extended') {
      lease.prolong(extension.validity, ttl);
      this.#schedule?.succeeded();
      this.#latest = null;
      this.#loopDelay = 0;
      extension.heal();
      events.emit('extended', { lock: lease.lock });
      return;
    }
    const votes = votesOf(responses);
    if (decision === 'taken') {
      const loss = new LockLostError('TAKEN', resources, votes);
      lease.lose(loss);
      throw loss;
    }
    const remaining = lease.remaining();
    this.#schedule?.postpone(remaining);
    throw new QuorumError(
      `Cannot extend the lock on ${quote(resources)}: ${this.#whyNot(extension, votes)} Votes: ${tellVotes(votes)}`,
      resources,
      votes,
    );
  }
}
