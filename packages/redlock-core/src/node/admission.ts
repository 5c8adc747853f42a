import { NOT_SENT, notConnected } from '../protocol/outcome.js';
import { AdmissionRules } from './admission-rules.js';
import type { CleanUp } from './cleanup/clean-up.js';
import type { Batch } from './command-queue.js';
import type { Connection } from './connection.js';
import { ConnectionWaits } from './deadlines/connection-waits.js';
import type { NodeTimeout } from './deadlines/node-timeout.js';
import type { Drain } from './drain.js';
import type { GuardedNode } from './guarded-node.js';
import type { Liveness } from './liveness.js';
import type { Round } from './round.js';
import type { Voter } from './voter.js';

/** Admits operations to one node. The node votes at once in a round that is refused; others wait for its connection. */
export class Admission {
  readonly #node: GuardedNode;
  readonly #rules: AdmissionRules;
  readonly #waits: ConnectionWaits;
  readonly #cleanUp: CleanUp;
  readonly #timeout: NodeTimeout;
  readonly #drain: Drain;
  readonly #voter: Voter;

  constructor(
    node: GuardedNode,
    connection: Connection,
    liveness: Liveness,
    cleanUp: CleanUp,
    timeout: NodeTimeout,
    drain: Drain,
    voter: Voter,
  ) {
    this.#node = node;
    this.#rules = new AdmissionRules(connection, liveness, cleanUp);
    this.#waits = new ConnectionWaits(timeout);
    this.#cleanUp = cleanUp;
    this.#timeout = timeout;
    this.#drain = drain;
    this.#voter = voter;
  }

  /** @returns whether to write the operation now */
  admit(round: Round): boolean {
    const decision = this.#rules.decide(round);
    if (decision === 'write') return true;
    if (decision === 'wait') void this.#awaitConnection(round);
    else {
      this.#voter.vote(round, decision);
      this.#drain.check();
    }
    return false;
  }

  /**
   * Whether to write an operation again that the server has not executed. A release may have overtaken a grant; written
   * again, that grant would stay for its ttl. So only a round that is not decided is written again.
   */
  readmit(round: Round, batch: Batch): boolean {
    const { operation } = round;
    batch.server.settled();
    this.#cleanUp.undo(operation);
    if (operation.kind !== 'release' && round.decided) {
      this.#voter.vote(round, NOT_SENT);
      this.#drain.check();
      return false;
    }
    return this.admit(round);
  }

  /** The node is connected. Returns the rounds that have waited for that, to be submitted again. */
  connected(): readonly Round[] {
    const rounds = this.#waits.endAll();
    for (const round of rounds) this.#timeout.arrived(round);
    return rounds;
  }

  /** Nothing is written any more of the rounds that wait for the connection. */
  close(): void {
    for (const round of this.#waits.endAll()) this.#voter.vote(round, NOT_SENT);
  }

  /**
   * The caller of a round has no more time for a connection that is being made.
   * @param now whether the wait ends at once; otherwise it lasts as long as the node may take to answer
   */
  stopWaiting(round: Round, now: boolean): void {
    const ended = now ? this.#waits.end(round) : this.#waits.hurry(round);
    if (ended) this.#voter.vote(round, notConnected(this.#node.lastError));
  }

  async #awaitConnection(round: Round): Promise<void> {
    this.#node.connect();
    if (this.#waits.isOverdue) this.#voter.vote(round, notConnected(this.#node.lastError));
    else {
      const waited = await this.#waits.waitedFor(round, () => this.#node.lastError !== undefined);
      const ms = Math.ceil(waited);
      if (ms > 0) this.#voter.vote(round, notConnected(this.#node.lastError, ` within ${ms} ms`));
    }
  }
}
