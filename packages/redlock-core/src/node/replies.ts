import { describeError } from '../protocol/failure.js';
import { failure, readReply, type Failure, type Outcome } from '../protocol/outcome.js';
import type { Runtime } from '../time/runtime.js';
import type { CleanUp } from './cleanup/clean-up.js';
import type { Batch, CommandQueue } from './command-queue.js';
import type { Connection } from './connection.js';
import type { NodeTimeout } from './deadlines/node-timeout.js';
import { ReplyDeadlines } from './deadlines/reply-deadlines.js';
import type { Drain } from './drain.js';
import type { Round } from './round.js';
import type { Voter } from './voter.js';

/** The replies of one node: each settles its operation and becomes a vote, and so does each reply that does not come. */
export class Replies {
  readonly #runtime: Runtime;
  readonly #connection: Connection;
  readonly #timeout: NodeTimeout;
  readonly #cleanUp: CleanUp;
  readonly #drain: Drain;
  readonly #voter: Voter;
  readonly #deadlines: ReplyDeadlines;

  constructor(
    runtime: Runtime,
    connection: Connection,
    timeout: NodeTimeout,
    cleanUp: CleanUp,
    drain: Drain,
    voter: Voter,
  ) {
    this.#runtime = runtime;
    this.#connection = connection;
    this.#timeout = timeout;
    this.#cleanUp = cleanUp;
    this.#drain = drain;
    this.#voter = voter;
    this.#deadlines = new ReplyDeadlines(
      timeout,
      (round) => !voter.hasVotedIn(round),
      (round, batch, ms) => this.#late(round, batch, ms),
    );
  }

  /**
   * Makes the commands in flight a step older, and watches the deadlines of those that have become stragglers.
   * @returns whether one of the others may still become a straggler
   */
  watchStragglers(queue: CommandQueue): boolean {
    for (const batch of queue.stragglers()) void this.#deadlines.watch(batch);
    return queue.hasYoung;
  }

  /** The server has answered a batch. Called before `replied` and `failed` tell what it answered. */
  answered({ server, sentAt }: Batch): void {
    const now = this.#runtime.now();
    this.#voter.answered(now);
    this.#timeout.measured(now - sentAt);
    server.answered(sentAt);
    const { debts } = this.#cleanUp;
    if (debts.count > 0) debts.pay();
  }

  replied(round: Round, reply: unknown, batch: Batch): void {
    const outcome = readReply(round.operation, reply);
    this.#settle(round, outcome.vote, true, batch);
    this.#voter.judge(round, outcome, batch);
  }

  /** @param answered whether the server has answered, with an error */
  failed(round: Round, error: unknown, answered: boolean, batch: Batch): void {
    if (!answered) batch.server.begin(batch.sentAt);
    this.#settle(round, 'failed', answered, batch);
    const outcome: Failure = { vote: 'failed', error: describeError(error) };
    this.#voter.vote(round, outcome, answered ? batch : undefined);
  }

  #late(round: Round, batch: Batch, ms: number): void {
    batch.server.begin(batch.sentAt);
    this.#voter.vote(
      round,
      failure('TIMEOUT', `no reply within ${Math.ceil(ms)} ms`, 'TimeoutError'),
    );
  }

  #settle(
    { operation }: Round,
    vote: Outcome<unknown>['vote'],
    answered: boolean,
    batch: Batch,
  ): void {
    const certainly = answered && batch.connection === this.#connection.number;
    batch.server.settled();
    this.#cleanUp.end(operation, vote, certainly, batch.connection);
    this.#drain.check();
  }
}
