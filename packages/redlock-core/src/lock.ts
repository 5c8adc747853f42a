import { tellVotes, votesOf } from './ballot.js';
import type { Claim } from './claim.js';
import type { Core } from './core.js';
import { closedError, LockLostError, QuorumError, quote, type LossCode } from './errors.js';
import { Healing } from './healing.js';
import { extend, release } from './operation.js';
import { parseTtl } from './options.js';
import type { Judge } from './quorum.js';
import { fullValidity, readClocks, Validity } from './validity.js';
import { judgeAll, judgeExtend, judgeRelease } from './verdict.js';
import type { Vote } from './vote.js';
import { Watch } from './watch.js';

/** On what terms a lock is held. */
interface Terms {
  readonly resources: readonly string[];
  readonly ttl: number;
  readonly autoExtend: boolean;
}

/** A held lock. It ends when it is released or lost, whichever is first, and stays ended. */
export class Lock implements AsyncDisposable {
  readonly resources: readonly string[];
  readonly #core: Core;
  readonly #claim: Claim;
  readonly #autoExtend: boolean;
  readonly #watch: Watch;
  /** Never ends later than what the nodes were last asked for allows. */
  #validity: Validity;
  /** The ttl last given. */
  #ttl: number;
  #loss: LockLostError | null = null;
  #released: Promise<boolean> | null = null;
  #controller: AbortController | null = null;
  /** Extensions go one after another, so that the one last sent is the one that counts. */
  #extensions: Promise<void> = Promise.resolve();
  #extending = 0;
  /** Fewer than a quorum of nodes have answered the latest extension. */
  #unreachable = false;
  /** After an extension that failed, when to try the next, on the monotonic clock. */
  #retryAt = 0;

  /** @internal */
  constructor(core: Core, { resources, ttl, autoExtend }: Terms, claim: Claim, validity: Validity) {
    this.resources = resources;
    this.#core = core;
    this.#claim = claim;
    this.#autoExtend = autoExtend;
    this.#ttl = ttl;
    this.#validity = validity;
    this.#watch = new Watch(core.runtime, () => this.#look());
    core.events.emit('acquired', { lock: this });
    this.#watch.look();
  }

  /** The random value that proves ownership on the nodes. Whoever has it can release the lock. */
  get token(): string {
    return this.#claim.token;
  }

  /**
   * Grows with every grant of any of the resources; 0 with `fencing: false`. Send it along with
   * every write, and have whatever is written to refuse lower ones.
   */
  get fencingToken(): number {
    return this.#claim.fencingToken;
  }

  /**
   * Aborts, with a {@link LockLostError} as reason, the moment the lock can no longer be trusted.
   * A release does not abort it.
   */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#loss) this.#controller.abort(this.#loss);
    return this.#controller.signal;
  }

  /** Ms of validity left; 0 when lost or released. */
  remaining(): number {
    if (this.#loss || this.#released) return 0;
    const ms = this.#validity.remaining(this.#core.runtime);
    if (ms > 0) return ms;
    this.#lose(this.#unreachable ? 'UNREACHABLE' : 'EXPIRED');
    return 0;
  }

  /**
   * Starts the ttl anew on the nodes.
   * @param ttl in ms; by default the one last given. Automatic extensions use it from now on.
   * @throws LockLostError when the lock is lost or released
   * @throws QuorumError when too many nodes are out of reach and validity is left: try again
   */
  async extend(ttl: number = this.#ttl): Promise<void> {
    parseTtl(ttl, this.#core.settings.driftFactor);
    this.#throwIfEnded();
    this.#ttl = ttl;
    this.#extending++;
    const extension = this.#extensions.then(() => this.#extend(ttl));
    this.#extensions = extension
      .catch(() => {})
      .then(() => {
        this.#extending--;
        this.#watch.look();
      });
    await extension;
  }

  /**
   * Gives the lock back on every node. Never rejects; again, it changes nothing.
   * @returns whether a quorum confirmed that the lock was held until now
   */
  release(): Promise<boolean> {
    const held = this.remaining() > 0;
    return (this.#released ??= held ? this.#release() : Promise.resolve(false));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release();
  }

  async #extend(ttl: number): Promise<void> {
    const { quorum, runtime, settings, events, closed } = this.#core;
    this.#throwIfEnded();
    if (closed.aborted) throw closedError(this.resources);
    const validity = Validity.since(readClocks(runtime), fullValidity(ttl, settings.driftFactor));
    // From here on the nodes may shorten the expiry, whether or not a reply says so.
    this.#validity = this.#validity.cappedBy(validity);
    this.#unreachable = true;
    const healing = new Healing(quorum, this.#claim, ttl);
    const asked = quorum.ask(
      extend(this.#claim, ttl),
      (ballots, nodes) => {
        this.#unreachable = ballots.filter(({ vote }) => vote !== 'failed').length < quorum.size;
        return judgeExtend(ballots, nodes);
      },
      { look: (ballot) => healing.look(ballot) },
    );
    this.#watch.look();
    const { decision, ballots } = await asked;
    this.#throwIfEnded();
    if (decision === 'extended') {
      this.#validity = validity;
      healing.begin();
      events.emit('extended', { lock: this });
      return;
    }
    const votes = votesOf(ballots);
    if (decision === 'taken') throw this.#lose('TAKEN', votes);
    this.#retryAt = runtime.now() + ttl / 10;
    throw new QuorumError(
      `The lock on ${quote(this.resources)} was not extended, too many nodes are out of reach; ` +
        `try again while validity is left. Votes: ${tellVotes(votes)}`,
      this.resources,
      votes,
    );
  }

  async #release(): Promise<boolean> {
    const confirmed = await this.#end(judgeRelease);
    this.#core.events.emit('released', { lock: this, confirmed });
    return confirmed;
  }

  #lose(code: LossCode, votes?: readonly Vote[]): LockLostError {
    const loss = new LockLostError(code, this.resources, votes);
    this.#loss = loss;
    void this.#end(judgeAll);
    this.#controller?.abort(loss);
    this.#core.events.emit('lost', { lock: this, error: loss });
    return loss;
  }

  /** From here on nothing but releases is written for this lock. */
  async #end<D>(judge: Judge<number, D>): Promise<D> {
    const { quorum, lines } = this.#core;
    const { channels } = this.#claim.lockKeys;
    this.#claim.over = true;
    this.#watch.end();
    lines.freed(this.resources, channels);
    const { decision, ballots } = await quorum.ask(release(this.#claim, this.#ttl), judge);
    void lines.released(this.resources, channels, ballots);
    return decision;
  }

  #throwIfEnded(): void {
    if (this.#released) throw this.#loss ?? new LockLostError('RELEASED', this.resources);
    this.remaining();
    if (this.#loss) throw this.#loss;
  }

  /** Loses the lock when its validity has ended, extends it when that is due. */
  #look(): number {
    const remaining = this.remaining();
    const { closed } = this.#core;
    if (remaining === 0 || !this.#autoExtend || closed.aborted || this.#extending > 0) {
      return remaining;
    }
    const due = this.#extensionDue(remaining);
    if (due > 0) return Math.min(remaining, due);
    void this.extend().catch(() => {});
    return remaining;
  }

  /** Ms until the next automatic extension: a third of the ttl after the last one. */
  #extensionDue(remaining: number): number {
    const { runtime, settings } = this.#core;
    const elapsed = fullValidity(this.#ttl, settings.driftFactor) - remaining;
    return Math.max(this.#ttl / 3 - elapsed, this.#retryAt - runtime.now());
  }
}
