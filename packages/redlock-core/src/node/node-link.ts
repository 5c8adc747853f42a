import { Arrival } from './arrival.js';
import type { Ballot } from './response.js';
import type { BatchEncoder } from '../protocol/batch.js';
import type { Claim } from '../protocol/claim.js';
import { CleanUp } from './cleanup/clean-up.js';
import { describeError } from '../protocol/failure.js';
import { GroupCommit, type Batch } from './command-queue.js';
import type { GuardedNode } from './guarded-node.js';
import { Identity } from './identity/identity.js';
import { NodeTimeout } from './node-timeout.js';
import { release, type Operation } from '../protocol/operation.js';
import {
  DISCONNECTED,
  failure,
  NOT_READY,
  NOT_SENT,
  notConnected,
  readReply,
  SILENT,
  type Failure,
  type Outcome,
} from '../protocol/outcome.js';
import { Quarantine, type QuarantineTerms } from './identity/quarantine.js';
import { Round } from './round.js';
import type { RunIds } from './identity/run-ids.js';
import type { Runtime } from '../time/runtime.js';
import type { Silence } from './silence.js';
import { Silences } from './silences.js';
import type { Stragglers } from './stragglers.js';
import type { Tick } from '../time/tick.js';
import { Usability, type UsabilityEvents } from './node-health.js';

/** What the links of one Redlock share. */
export interface Shared {
  readonly runtime: Runtime;
  readonly tick: Tick;
  readonly encoder: BatchEncoder;
  readonly stragglers: Stragglers;
  /** null: nodes are trusted to keep every write. */
  readonly quarantine: QuarantineTerms | null;
  readonly runIds: RunIds;
  readonly events: LinkEvents;
}

export interface LinkEvents extends UsabilityEvents {
  /** @param ms for how long, by what is known so far */
  quarantined(node: string, ms: number): void;
  /** The quarantine is over. */
  trusted(node: string): void;
}

/** What a node does only for a token that it has. */
const ACKNOWLEDGED: ReadonlySet<Operation['kind']> = new Set(['extend', 'confirm', 'adopt']);

/** So many claims may be owed a release by a silent node whose client gives up what it is given. */
const DEBT_LIMIT = 64;

/**
 * The core's side of one node: asks it in time, and counts its votes.
 *
 * Invariants: all but releases is written only while the node is ready and its claim is not over. A
 * silent server is sent releases only, so it costs no more than what it fell silent with.
 */
export class NodeLink {
  readonly index: number;
  readonly #node: GuardedNode;
  readonly #shared: Shared;
  readonly #timeout: NodeTimeout;
  readonly #commit: GroupCommit;
  readonly #cleanUp: CleanUp;
  readonly #arrival: Arrival;
  readonly #silences: Silences;
  readonly #identity: Identity | null;
  readonly #usability: Usability;
  #stopListening: (() => void) | null = null;
  /** On the monotonic clock. */
  #answeredAt = -Infinity;
  #closed = false;
  /** So is the client, which the adapter made: nothing is connected ever again. */
  #disconnected = false;
  /** No release is under way any more. */
  #onReleased: (() => void) | null = null;

  constructor(index: number, node: GuardedNode, nodeTimeout: number | undefined, shared: Shared) {
    this.index = index;
    this.#node = node;
    this.#shared = shared;
    this.#timeout = new NodeTimeout(shared.runtime, node.timeout ?? nodeTimeout);
    this.#silences = new Silences(node, shared.runtime);
    this.#commit = new GroupCommit(node, shared.tick, shared.encoder, this.#silences, {
      admit: (round) => this.#admit(round),
      written: () => {
        shared.stragglers.expect();
        return shared.runtime.now();
      },
      answered: (batch) => this.#answered(batch),
      replied: (round, reply, batch) => this.#replied(round, reply, batch),
      failed: (round, error, answered, batch) => this.#failed(round, error, answered, batch),
      readmit: (round, batch) => this.#readmit(round, batch),
    });
    this.#cleanUp = new CleanUp(index, node, shared.runtime, (claim, again) =>
      this.#release(claim, again),
    );
    this.#arrival = new Arrival(this.#timeout);
    this.#identity = shared.quarantine && this.#identityOf(node, shared.quarantine);
    this.#usability = new Usability(node.name, this.#identity, shared.events);
    // The sooner it is seen, the less can be forgotten before that.
    this.#identity?.require();
    this.#listen();
    shared.stragglers.add(() => {
      for (const batch of this.#commit.stragglers()) void this.#limit(batch.rounds, batch);
      return this.#commit.hasYoung;
    });
  }

  #identityOf(node: GuardedNode, terms: QuarantineTerms): Identity {
    const { runtime, runIds, events } = this.#shared;
    const quarantine = new Quarantine(runtime, terms, {
      begun: (ms) => events.quarantined(node.name, ms),
      over: () => events.trusted(node.name),
    });
    return new Identity(node, runIds, quarantine);
  }

  /** False: it tells of no connection, so nobody would notice that another server answers. */
  #listen(): boolean {
    this.#stopListening ??= this.#node.onReady(() => this.#connected());
    return this.#stopListening !== null;
  }

  /** Something could be written to it now. Of a Cluster some masters may be silent, and others not. */
  get isWithinReach(): boolean {
    return this.#node.ready && (this.#node.cluster || !this.#silences.blocking);
  }

  /** Resolves when it is connected and known for one whose votes count, if it ever is. */
  async connected(): Promise<void> {
    while (!this.#closed) {
      if (!this.#node.ready) this.#node.connect();
      else {
        this.#identity?.require();
        await this.#identity?.answer;
      }
      if (this.unconnected === undefined) return;
      await this.#arrival.coming;
    }
  }

  /** Why nothing that it votes would count now, if that is so; a quarantine apart, which passes. */
  get unconnected(): Failure | undefined {
    if (!this.#node.ready) return notConnected(this.#node.lastError);
    return this.#identity?.doubtConnection();
  }

  /** Granted: its votes would count. @param ms for how long that has been waited for */
  connection(ms: number): Ballot {
    const { index, unconnected } = this;
    const { name } = this.#node;
    const sentAt = this.#shared.runtime.now();
    const vote = unconnected ? 'failed' : 'granted';
    return { index, node: name, vote, error: unconnected?.error, ms, connection: -1, sentAt };
  }

  /** Sends a round's operation and counts the node's vote as soon as it is known. */
  ask(round: Round): void {
    if (round.operation.kind === 'release') this.#cleanUp.expect(round.operation);
    this.#commit.submit(round);
  }

  /**
   * Ends timers and waiting, and closes a client that the adapter made. What is owed is still paid
   * through a client that stays open.
   */
  async close(): Promise<void> {
    this.#closed = true;
    this.#identity?.close();
    this.#endOnceSettled();
    if (this.#node.isOwned && !this.#silences.active) await this.#released();
    this.#silences.close();
    for (const round of this.#arrival.end()) this.#vote(round, NOT_SENT);
    this.#disconnected = this.#node.isOwned;
    await this.#node.close();
  }

  /** The releases that have been asked for are answered, or have had their time. */
  async #released(): Promise<void> {
    if (this.#cleanUp.releasing === 0) return;
    const released = new Promise<void>((resolve) => (this.#onReleased = resolve));
    await this.#timeout.limit(released, this.#timeout.of(Infinity));
  }

  /** Whether to write it now; the vote of what is not, and will not be, is counted. */
  #admit(round: Round): boolean {
    const { operation } = round;
    const silence = this.#silences.at(round);
    const refusal =
      operation.kind === 'release' ? this.#refuseRelease(operation) : this.#refuse(round, silence);
    if (refusal) this.#vote(round, refusal);
    // It does not listen any more where it is closed, and then a lock that was still held is released.
    else if (operation.kind === 'release' || (this.#node.ready && this.#listen())) {
      if (operation.kind !== 'release') this.#identity?.require();
      this.#cleanUp.begin(operation);
      silence.written();
      return true;
    } else void this.#awaitConnection(round);
    return false;
  }

  #refuseRelease(operation: Operation): Failure | undefined {
    // What was never written owes nothing.
    if (!operation.claim.wasWrittenTo(this.index)) return NOT_SENT;
    if (this.#disconnected && !this.#node.ready) {
      this.#cleanUp.forgo(operation);
      return DISCONNECTED;
    }
    if (this.#listen() && this.#node.ready) return undefined;
    this.#cleanUp.postpone(operation);
    this.#endOnceSettled();
    return NOT_READY;
  }

  #refuse({ operation }: Round, silence: Silence): Failure | undefined {
    if (operation.claim.over) return NOT_SENT;
    const refusal = this.#identity?.refuse();
    if (refusal) return refusal;
    if (!silence.active) return undefined;
    // What is in flight shows when it answers again, and nothing more is needed for that. Where the
    // client has given up everything, a release that is owed does, and this while few are.
    const { isIdle } = silence;
    if (isIdle) this.#cleanUp.pay(1);
    return isIdle && this.#cleanUp.debts < DEBT_LIMIT ? undefined : SILENT;
  }

  /** A release may have overtaken a grant that is sent again, which would then stay for its ttl. */
  #readmit(round: Round, batch: Batch): boolean {
    const { operation } = round;
    batch.silence.settled();
    this.#cleanUp.undo(operation);
    if (operation.kind !== 'release' && round.decided) {
      this.#vote(round, NOT_SENT);
      return false;
    }
    return this.#admit(round);
  }

  async #awaitConnection(round: Round): Promise<void> {
    this.#node.connect();
    if (this.#arrival.isOverdue) this.#vote(round, notConnected(this.#node.lastError));
    else {
      const ms = await this.#arrival.waitedFor(round, () => this.#node.lastError !== undefined);
      if (ms > 0) this.#vote(round, notConnected(this.#node.lastError, ` within ${ms} ms`));
    }
  }

  /** One timer for a batch, up to the earliest deadline in it; each operation fails at its own. */
  async #limit(rounds: readonly Round[], batch: Batch): Promise<void> {
    const awaited = rounds.filter((round) => !round.hasVoteOf(this.index));
    if (awaited.length === 0) return;
    const left = Math.min(...awaited.map((round) => this.#timeout.left(round)));
    if (await this.#timeout.limit(batch.sent, left)) return;
    for (const round of awaited) {
      if (this.#timeout.left(round) > 0) continue;
      batch.silence.begin(round.start);
      const message = `no reply within ${this.#timeout.ofRound(round)} ms`;
      this.#vote(round, failure('TIMEOUT', message, 'TimeoutError'));
    }
    await this.#limit(awaited, batch);
  }

  #replied(round: Round, reply: unknown, batch: Batch): void {
    const outcome = readReply(round.operation, reply);
    this.#settle(round, outcome.vote, true, batch);
    if (this.#identity === null || this.#isTrusted(round, outcome, batch, this.#identity)) {
      this.#vote(round, outcome, batch);
    } else void this.#voteInDoubt(round, outcome, batch, this.#identity);
  }

  #isTrusted(
    { operation: { kind }, start }: Round,
    { vote }: Outcome<unknown>,
    { connection }: Batch,
    identity: Identity,
  ): boolean {
    if (kind === 'grant') return vote === 'failed' || identity.trusts(connection, start);
    return vote !== 'granted' || !ACKNOWLEDGED.has(kind) || identity.vouches(connection);
  }

  /** The vote of a node that may have forgotten who holds the lock. */
  async #voteInDoubt(
    round: Round,
    outcome: Outcome<unknown>,
    batch: Batch,
    identity: Identity,
  ): Promise<void> {
    const { connection } = batch;
    if (identity.isPending(connection)) {
      await this.#timeout.limit(identity.answer, this.#timeout.left(round));
    }
    const doubt =
      round.operation.kind === 'grant'
        ? identity.doubtGrant(connection, round.start)
        : identity.doubtAcknowledgement(connection);
    this.#vote(round, doubt ?? outcome, batch);
  }

  /**
   * Whether a grant still counts when its attempt is decided: the node may have forgotten it since, and have been
   * told of the lock of another, which it then acknowledges. Where the connection is still the one that the
   * grant came on, it has not forgotten.
   */
  stands({ connection }: Ballot): boolean {
    return this.#identity === null || connection === this.#commit.connection;
  }

  #failed(round: Round, error: unknown, answered: boolean, batch: Batch): void {
    if (!answered) batch.silence.begin(round.start);
    this.#settle(round, 'failed', answered, batch);
    const outcome: Failure = { vote: 'failed', error: describeError(error) };
    this.#vote(round, outcome, answered ? batch : undefined);
  }

  #settle(
    { operation }: Round,
    vote: Outcome<unknown>['vote'],
    answered: boolean,
    batch: Batch,
  ): void {
    const certainly = answered && batch.connection === this.#commit.connection;
    batch.silence.settled();
    this.#cleanUp.end(operation, vote, certainly, batch.connection);
    this.#endOnceSettled();
  }

  /** Nobody waits for it. */
  #release(claim: Claim, again: boolean): void {
    const { runtime } = this.#shared;
    this.ask(new Round(release(claim, Infinity, again), runtime.now(), () => false));
  }

  #connected(): void {
    this.#commit.reconnected();
    if (!this.#closed) this.#identity?.reconnected(this.#commit.connection);
    this.#silences.end();
    this.#cleanUp.reconnected();
    for (const round of this.#arrival.end()) {
      this.#timeout.arrived(round);
      this.#commit.submit(round);
    }
  }

  #answered({ silence, sentAt }: Batch): void {
    this.#answeredAt = this.#shared.runtime.now();
    this.#timeout.measured(this.#answeredAt - sentAt);
    silence.answered(this.#answeredAt);
    if (this.#cleanUp.debts > 0) this.#cleanUp.pay();
  }

  #endOnceSettled(): void {
    if (this.#cleanUp.releasing === 0) this.#onReleased?.();
    if (!this.#closed || !(this.#node.isOwned || this.#cleanUp.isDone)) return;
    this.#stopListening?.();
    this.#stopListening = null;
  }

  /** @param batch that was answered */
  #vote(round: Round, outcome: Outcome<unknown>, batch?: Batch): void {
    if (round.hasVoteOf(this.index)) return;
    const failed = outcome.vote === 'failed';
    round.vote({
      index: this.index,
      node: this.#node.name,
      vote: outcome.vote,
      detail: failed ? undefined : outcome.detail,
      error: failed ? outcome.error : undefined,
      quarantinedFor: failed ? outcome.quarantinedFor : undefined,
      // What has voted otherwise has just answered.
      ms: (failed ? this.#shared.runtime.now() : this.#answeredAt) - round.start,
      connection: batch?.connection ?? -1,
      sentAt: batch?.sentAt ?? round.start,
    });
    if (outcome === NOT_SENT) return;
    this.#usability.voted(round.operation.kind, outcome, batch !== undefined);
  }
}
