import type { Claim } from './claim.js';
import { CleanUp, type Written } from './clean-up.js';
import { describeError, isErrorReply } from './failure.js';
import type { NodeTimeout } from './node-timeout.js';
import { release, type Operation } from './operation.js';
import { failure, NOT_SENT, readReply, SILENT, type Failure, type Outcome } from './outcome.js';
import type { RedisNode } from './redis-node.js';
import type { Runtime } from './runtime.js';
import type { Script } from './scripts/script.js';
import type { Round } from './round.js';
import { Silence } from './silence.js';
import type { ErrorData, Vote } from './vote.js';

export interface LinkEvents {
  failed(node: string, error: ErrorData): void;
  recovered(node: string): void;
}

/** So many claims may be owed a release by a silent node whose client gives up what it is given. */
const DEBT_LIMIT = 64;

/**
 * The core's side of one node: asks it in time, and counts its votes (design section 5, rules 1, 5
 * and 8).
 *
 * Invariants: grants and extensions are written only while the node is ready and their claim is
 * not over. A silent node is sent releases only, so it costs no more than what it fell silent with.
 */
export class NodeLink {
  readonly #index: number;
  readonly #node: RedisNode;
  readonly #runtime: Runtime;
  readonly #timer: NodeTimeout;
  readonly #events: LinkEvents;
  readonly #timeout: number | undefined;
  readonly #cleanUp: CleanUp;
  /** Rounds that wait for the connection, written to nobody yet. */
  readonly #waiting = new Map<object, () => void>();
  /** Known to this connection's server. Others are sent whole: asking first costs a round trip. */
  readonly #scripts = new Set<Script>();
  readonly #silence: Silence;
  readonly #stopListening: () => void;
  /** On the monotonic clock. */
  #answeredAt = -Infinity;
  #usable = true;
  #closed = false;
  /** A round has waited for the connection in vain; the next ones do not. */
  #away = false;

  constructor(
    index: number,
    node: RedisNode,
    nodeTimeout: number | undefined,
    runtime: Runtime,
    timer: NodeTimeout,
    events: LinkEvents,
  ) {
    this.#index = index;
    this.#node = node;
    this.#runtime = runtime;
    this.#timer = timer;
    this.#events = events;
    this.#timeout = node.timeout ?? nodeTimeout;
    this.#cleanUp = new CleanUp(index, node, (claim) => {
      void this.#write(release(claim), claim, null);
    });
    this.#silence = new Silence(runtime, () => node.ready && node.reconnect?.());
    this.#stopListening = node.onReady(() => this.#connected());
  }

  /**
   * Sends a round's operation and counts the node's vote as soon as it is known.
   * @returns what `limit` takes; never rejects
   */
  ask<T>(round: Round<T>): Promise<unknown> {
    const refusal = this.#refusal(round.operation, round.claim);
    if (refusal) {
      this.#vote(round, refusal);
      return Promise.resolve();
    }
    return this.#node.ready
      ? this.#write(round.operation, round.claim, round)
      : this.#writeWhenReady(round);
  }

  /**
   * Ends the wait for a vote at the node's timeout.
   * @param sent what `ask` has returned for this round
   * @param ttl the operation's, in ms, from which the default timeout follows
   */
  async limit<T>(round: Round<T>, sent: Promise<unknown>, ttl: number): Promise<void> {
    const ms = this.#timeout ?? Math.min(Math.max(ttl * 0.05, 50), 1000);
    await this.#timer.limit(sent, Math.max(round.start + ms - this.#runtime.now(), 1));
    if (round.hasVoteOf(this.#index)) return;
    if (this.#waiting.delete(round)) {
      this.#away = true;
      this.#vote(round, failure('NOT_READY', `not connected within ${ms} ms`));
    } else {
      this.#fellSilent(round.start);
      this.#vote(round, failure('TIMEOUT', `no reply within ${ms} ms`, 'TimeoutError'));
    }
  }

  /**
   * Ends timers and waiting, and closes a client that the adapter made. What is owed is still paid
   * through a client that stays open.
   */
  async close(): Promise<void> {
    this.#closed = true;
    this.#stopListeningOnceSettled();
    this.#silence.close();
    this.#wakeWaiting();
    await this.#node.close?.();
  }

  /** Why nothing is sent for this round, if so. */
  #refusal({ kind }: Operation, claim: Claim): Failure | undefined {
    const trace = claim.traceAt(this.#index);
    if (kind === 'release') {
      // What was never written owes nothing.
      if (!trace) return NOT_SENT;
      if (this.#node.ready) return undefined;
      this.#cleanUp.postpone(trace);
      return failure('NOT_READY', 'not connected; the release follows when it is');
    }
    if (!this.#silence.active) return undefined;
    // What is in flight shows when it answers again, and nothing more is needed for that. Where the
    // client has given up everything, a release that is owed does, and this while few are.
    const idle = this.#cleanUp.inFlight === 0;
    if (idle) this.#cleanUp.pay(1);
    return idle && this.#cleanUp.debts < DEBT_LIMIT ? undefined : SILENT;
  }

  async #writeWhenReady<T>(round: Round<T>): Promise<void> {
    this.#node.connect();
    // Else contenders hold on to what they got of the other nodes while they wait for this one.
    if (this.#away) {
      this.#vote(round, failure('NOT_READY', 'not connected'));
      return;
    }
    await new Promise<void>((resolve) => this.#waiting.set(round, resolve));
    if (round.claim.over || !this.#node.ready) this.#vote(round, NOT_SENT);
    else await this.#write(round.operation, round.claim, round);
  }

  /**
   * Writes the command. From here on the node may act on it, however late.
   * @param round to vote in; null for a release that nobody waits for
   */
  #write<T>(
    operation: Operation<T>,
    claim: Claim,
    round: Round<T> | null,
    whole = false,
  ): Promise<unknown> {
    const { script } = operation;
    const written = this.#cleanUp.begin(claim, operation);
    const byDigest = !whole && this.#scripts.has(script);
    const [command, code] = byDigest ? ['evalsha', script.sha] : ['eval', script.source];
    return this.#call([command, code, ...operation.args]).then(
      (reply) => {
        this.#answered();
        this.#scripts.add(script);
        const outcome = readReply(operation, reply);
        this.#settle(written, outcome.vote, true);
        if (round) this.#vote(round, outcome);
      },
      (error: unknown) => {
        const answered = isErrorReply(error);
        if (answered) this.#answered();
        this.#settle(written, 'failed', answered);
        const failed: Failure = { vote: 'failed', error: describeError(error) };
        if (!byDigest || failed.error.code !== 'NOSCRIPT') {
          if (round && !answered) this.#fellSilent(round.start);
          if (round) this.#vote(round, failed);
          return undefined;
        }
        // A release may have overtaken a grant that is sent again, which would then stay for its ttl.
        const wanted = !round || operation.kind === 'release' || !(round.decided || claim.over);
        if (wanted) return this.#write(operation, claim, round, true);
        this.#vote(round, NOT_SENT);
        return undefined;
      },
    );
  }

  #call(command: readonly string[]): Promise<unknown> {
    try {
      return this.#node.call(command);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #connected(): void {
    this.#away = false;
    this.#scripts.clear();
    this.#silence.end();
    this.#cleanUp.reconnected();
    this.#wakeWaiting();
  }

  #answered(): void {
    this.#answeredAt = this.#runtime.now();
    if (this.#silence.active) this.#silence.end();
    if (this.#cleanUp.debts > 0) this.#cleanUp.pay();
  }

  #settle(written: Written, vote: Vote['vote'], answered: boolean): void {
    this.#cleanUp.end(written, vote, answered);
    this.#stopListeningOnceSettled();
  }

  #stopListeningOnceSettled(): void {
    if (this.#closed && (this.#node.close || this.#cleanUp.isDone)) this.#stopListening();
  }

  #wakeWaiting(): void {
    for (const wake of this.#waiting.values()) wake();
    this.#waiting.clear();
  }

  /** A command of then has got no answer: the node is silent, unless it has answered another. */
  #fellSilent(since: number): void {
    if (this.#answeredAt < since) this.#silence.begin(since);
  }

  #vote<T>(round: Round<T>, outcome: Outcome<T>): void {
    if (round.hasVoteOf(this.#index)) return;
    const failed = outcome.vote === 'failed';
    round.vote({
      index: this.#index,
      node: this.#node.name,
      vote: outcome.vote,
      detail: failed ? undefined : outcome.detail,
      error: failed ? outcome.error : undefined,
      // What has voted otherwise has just answered.
      ms: (failed ? this.#runtime.now() : this.#answeredAt) - round.start,
    });
    if (outcome !== NOT_SENT) this.#report(outcome);
  }

  #report(outcome: Outcome<unknown>): void {
    const usable = outcome.vote !== 'failed';
    if (usable === this.#usable) return;
    this.#usable = usable;
    if (outcome.vote === 'failed') this.#events.failed(this.#node.name, outcome.error);
    else this.#events.recovered(this.#node.name);
  }
}
