import { NOT_AWAITED, NOT_SENT, type Outcome } from '../protocol/outcome.js';
import type { Runtime } from '../time/runtime.js';
import type { Batch } from './command-queue.js';
import type { Connection } from './connection.js';
import type { NodeTimeout } from './deadlines/node-timeout.js';
import type { LinkContext } from './link-context.js';
import { NodeHealth } from './node-health.js';
import type { Written } from './response.js';
import type { Round } from './round.js';
import { Trust } from './trust.js';

/** Votes for one node in each round, once, and learns from its votes whether the node is usable. */
export class Voter {
  readonly #index: number;
  readonly #node: string;
  readonly #runtime: Runtime;
  readonly #connection: Connection;
  readonly #trust: Trust;
  readonly #health: NodeHealth;
  /** When the node last answered, on the monotonic clock. */
  #answeredAt = -Infinity;

  constructor(
    index: number,
    node: string,
    { runtime, events }: LinkContext,
    connection: Connection,
    timeout: NodeTimeout,
  ) {
    this.#index = index;
    this.#node = node;
    this.#runtime = runtime;
    this.#connection = connection;
    this.#trust = new Trust(connection.identity, timeout);
    this.#health = new NodeHealth(node, connection.identity, events);
  }

  /** Whether the node has voted in a round. */
  hasVotedIn(round: Round): boolean {
    return round.hasVoteOf(this.#index);
  }

  /** The node has answered. Called before it votes by what it has answered. */
  answered(now: number): void {
    this.#answeredAt = now;
  }

  /** Votes by a reply, as soon as it is known whether that vote counts. */
  judge(round: Round, outcome: Outcome<unknown>, batch: Batch): void {
    const judged = this.#trust.judge(round, outcome, batch);
    if (judged instanceof Promise) void judged.then((counted) => this.vote(round, counted, batch));
    else this.vote(round, judged, batch);
  }

  /**
   * Votes, unless the node has voted in the round already.
   * @param batch the batch in which the server answered the round, if it did
   */
  vote(round: Round, outcome: Outcome<unknown>, batch?: Batch): void {
    if (this.hasVotedIn(round)) return;
    const failed = outcome.vote === 'failed';
    round.vote({
      index: this.#index,
      node: this.#node,
      vote: outcome.vote,
      detail: failed ? undefined : outcome.detail,
      error: failed ? outcome.error : undefined,
      quarantinedFor: failed ? outcome.quarantinedFor : undefined,
      // A node that has not failed has just answered, at `#answeredAt`.
      ms: (failed ? this.#runtime.now() : this.#answeredAt) - round.start,
      written: batch,
    });
    if (outcome === NOT_SENT || outcome === NOT_AWAITED) return;
    this.#health.voted(round.operation.kind, outcome, batch !== undefined);
  }

  /** Whether a grant still counts when its attempt is decided. */
  stands({ connection }: Written): boolean {
    return this.#trust.stands(connection, this.#connection.number);
  }
}
