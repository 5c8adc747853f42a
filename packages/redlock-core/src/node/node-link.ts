import type { BatchEncoder } from '../protocol/batch.js';
import { describeError } from '../protocol/failure.js';
import {
  failure,
  NOT_SENT,
  notConnected,
  readReply,
  type Failure,
  type Outcome,
} from '../protocol/outcome.js';
import type { Runtime } from '../time/runtime.js';
import type { Tick } from '../time/tick.js';
import { Admission } from './admission.js';
import { CleanUp } from './cleanup/clean-up.js';
import { CommandQueue, type Batch } from './command-queue.js';
import { Connection } from './connection.js';
import { ConnectionWaits } from './deadlines/connection-waits.js';
import { NodeTimeout } from './deadlines/node-timeout.js';
import { ReplyDeadlines } from './deadlines/reply-deadlines.js';
import type { Stragglers } from './deadlines/stragglers.js';
import type { GuardedNode } from './guarded-node.js';
import { Identity } from './identity/identity.js';
import { Quarantine, type QuarantineTerms } from './identity/quarantine.js';
import type { RunIds } from './identity/run-ids.js';
import { Liveness } from './liveness.js';
import { NodeHealth, type NodeHealthEvents } from './node-health.js';
import type { Response, Written } from './response.js';
import type { Round } from './round.js';
import { Trust } from './trust.js';

/** Everything that the links of one Redlock share. */
export interface Shared {
  readonly runtime: Runtime;
  readonly tick: Tick;
  readonly encoder: BatchEncoder;
  readonly stragglers: Stragglers;
  /** null: every node is trusted to keep all writes. */
  readonly quarantine: QuarantineTerms | null;
  readonly runIds: RunIds;
  readonly events: LinkEvents;
}

export interface LinkEvents extends NodeHealthEvents {
  /**
   * The grants of a node do not count from now on.
   * @param ms for how long, as far as is known
   */
  quarantined(node: string, ms: number): void;
  /** The quarantine is over. */
  trusted(node: string): void;
}

/** The core's side of one node: asks the node, and counts its votes. The parts that decide how are wired up here. */
export class NodeLink {
  readonly index: number;
  readonly #node: GuardedNode;
  readonly #runtime: Runtime;
  readonly #connection: Connection;
  readonly #timeout: NodeTimeout;
  readonly #waits: ConnectionWaits;
  readonly #liveness: Liveness;
  readonly #queue: CommandQueue;
  readonly #cleanUp: CleanUp;
  readonly #identity: Identity | null;
  readonly #admission: Admission;
  readonly #trust: Trust;
  readonly #health: NodeHealth;
  /** When the node last answered, on the monotonic clock. */
  #answeredAt = -Infinity;
  #closed = false;
  /** Called when all releases that were asked for are answered. */
  #onReleased: (() => void) | null = null;

  constructor(index: number, node: GuardedNode, nodeTimeout: number | undefined, shared: Shared) {
    const { runtime, stragglers } = shared;
    this.index = index;
    this.#node = node;
    this.#runtime = runtime;
    this.#connection = new Connection(node, () => this.#connected());
    this.#timeout = new NodeTimeout(runtime, node.timeout ?? nodeTimeout);
    this.#waits = new ConnectionWaits(this.#timeout);
    this.#liveness = new Liveness(node, runtime);
    this.#queue = new CommandQueue(node, shared.tick, shared.encoder, this.#liveness, {
      admit: (round) => this.#admit(round),
      written: () => {
        stragglers.expect();
        return runtime.now();
      },
      answered: (batch) => this.#answered(batch),
      replied: (round, reply, batch) => this.#replied(round, reply, batch),
      failed: (round, error, answered, batch) => this.#failed(round, error, answered, batch),
      readmit: (round, batch) => this.#readmit(round, batch),
    });
    this.#cleanUp = new CleanUp(index, node, runtime, (round) => this.ask(round));
    this.#identity = shared.quarantine && identityOf(node, shared, shared.quarantine);
    const identity = this.#identity;
    this.#admission = new Admission(this.#connection, this.#liveness, this.#cleanUp, identity);
    this.#trust = new Trust(identity, this.#timeout);
    this.#health = new NodeHealth(node.name, identity, shared.events);
    // The earlier a server is seen, the fewer restarts go unnoticed.
    identity?.require();
    this.#connection.listen();
    const deadlines = new ReplyDeadlines(
      this.#timeout,
      (round) => !round.hasVoteOf(index),
      (round, batch, ms) => this.#late(round, batch, ms),
    );
    stragglers.add(() => {
      for (const batch of this.#queue.stragglers()) void deadlines.watch(batch);
      return this.#queue.hasYoung;
    });
  }

  /** Whether an operation could be written now; on a Cluster, to some of the masters. */
  get isWithinReach(): boolean {
    return this.#node.ready && (this.#node.cluster || !this.#liveness.isBlocked);
  }

  /** Resolves when the node is connected and its identity is known and beyond doubt, or when the link is closed. */
  async connected(): Promise<void> {
    while (!this.#closed) {
      if (!this.#node.ready) this.#node.connect();
      else {
        this.#identity?.require();
        await this.#identity?.answer;
      }
      if (this.#unconnected === undefined) return;
      await this.#waits.coming;
    }
  }

  /**
   * Why no vote of the node would count now; `undefined` if votes count. A quarantine is no reason, because it passes.
   */
  get #unconnected(): Failure | undefined {
    return this.#connection.failure ?? this.#identity?.doubtConnection();
  }

  /**
   * Whether the node is connected, as a vote. `granted`: the node's votes would count.
   * @param ms for how long the caller has waited for that
   */
  connection(ms: number): Response {
    const { index } = this;
    const failed = this.#unconnected;
    const { name } = this.#node;
    const vote = failed ? 'failed' : 'granted';
    return { index, node: name, vote, error: failed?.error, ms };
  }

  /** Sends a round's operation and counts the node's vote as soon as it is known. */
  ask(round: Round): void {
    if (round.operation.kind === 'release') this.#cleanUp.expect(round.operation);
    this.#queue.submit(round);
  }

  /** Whether a grant still counts when its attempt is decided. */
  stands({ connection }: Written): boolean {
    return this.#trust.stands(connection, this.#queue.connection);
  }

  /**
   * Ends timers and waits, and closes a client that the adapter made. Through a client that stays open, releases that
   * are owed still follow.
   */
  async close(): Promise<void> {
    this.#closed = true;
    this.#identity?.close();
    this.#endOnceSettled();
    if (this.#node.isOwned && !this.#liveness.isSilent) await this.#released();
    this.#liveness.close();
    for (const round of this.#waits.end()) this.#vote(round, NOT_SENT);
    await this.#connection.close();
  }

  /** Resolves when all releases that were asked for are answered, or after a node timeout. */
  async #released(): Promise<void> {
    if (this.#cleanUp.releasing === 0) return;
    const released = new Promise<void>((resolve) => (this.#onReleased = resolve));
    await this.#timeout.limit(released, this.#timeout.of(Infinity));
  }

  /** @returns whether to write the operation now */
  #admit(round: Round): boolean {
    const decision = this.#admission.decide(round);
    if (decision === 'write') return true;
    if (decision === 'wait') void this.#awaitConnection(round);
    else {
      this.#vote(round, decision);
      this.#endOnceSettled();
    }
    return false;
  }

  /**
   * Whether to write an operation again that the server has not executed. A release may have overtaken a grant; written
   * again, that grant would stay for its ttl. So only a round that is not decided is written again.
   */
  #readmit(round: Round, batch: Batch): boolean {
    const { operation } = round;
    batch.server.settled();
    this.#cleanUp.undo(operation);
    if (operation.kind !== 'release' && round.decided) {
      this.#vote(round, NOT_SENT);
      return false;
    }
    return this.#admit(round);
  }

  async #awaitConnection(round: Round): Promise<void> {
    this.#node.connect();
    if (this.#waits.isOverdue) this.#vote(round, notConnected(this.#node.lastError));
    else {
      const ms = await this.#waits.waitedFor(round, () => this.#node.lastError !== undefined);
      if (ms > 0) this.#vote(round, notConnected(this.#node.lastError, ` within ${ms} ms`));
    }
  }

  #late(round: Round, batch: Batch, ms: number): void {
    batch.server.begin(round.start);
    this.#vote(round, failure('TIMEOUT', `no reply within ${ms} ms`, 'TimeoutError'));
  }

  #replied(round: Round, reply: unknown, batch: Batch): void {
    const outcome = readReply(round.operation, reply);
    this.#settle(round, outcome.vote, true, batch);
    const judged = this.#trust.judge(round, outcome, batch);
    if (judged instanceof Promise) void judged.then((counted) => this.#vote(round, counted, batch));
    else this.#vote(round, judged, batch);
  }

  #failed(round: Round, error: unknown, answered: boolean, batch: Batch): void {
    if (!answered) batch.server.begin(round.start);
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
    const certainly = answered && batch.connection === this.#queue.connection;
    batch.server.settled();
    this.#cleanUp.end(operation, vote, certainly, batch.connection);
    this.#endOnceSettled();
  }

  #connected(): void {
    this.#queue.reconnected();
    if (!this.#closed) this.#identity?.reconnected(this.#queue.connection);
    this.#liveness.end();
    this.#cleanUp.reconnected();
    for (const round of this.#waits.end()) {
      this.#timeout.arrived(round);
      this.#queue.submit(round);
    }
  }

  #answered({ server, sentAt }: Batch): void {
    this.#answeredAt = this.#runtime.now();
    this.#timeout.measured(this.#answeredAt - sentAt);
    server.answered(this.#answeredAt);
    const { debts } = this.#cleanUp;
    if (debts.count > 0) debts.pay();
  }

  #endOnceSettled(): void {
    if (this.#cleanUp.releasing === 0) this.#onReleased?.();
    if (this.#closed && (this.#node.isOwned || this.#cleanUp.isDone)) {
      this.#connection.stopListening();
    }
  }

  /**
   * Counts the node's vote in a round, unless it has voted already.
   * @param batch the batch in which the server answered the round, if it did
   */
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
      // A node that has not failed has just answered, at `#answeredAt`.
      ms: (failed ? this.#runtime.now() : this.#answeredAt) - round.start,
      written: batch,
    });
    if (outcome === NOT_SENT) return;
    this.#health.voted(round.operation.kind, outcome, batch !== undefined);
  }
}

function identityOf(
  node: GuardedNode,
  { runtime, runIds, events }: Shared,
  terms: QuarantineTerms,
): Identity {
  const quarantine = new Quarantine(runtime, terms, {
    begun: (ms) => events.quarantined(node.name, ms),
    over: () => events.trusted(node.name),
  });
  return new Identity(node, runIds, quarantine);
}
