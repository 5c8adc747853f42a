import type { Operation } from '../protocol/operation.js';
import type { Outcome } from '../protocol/outcome.js';
import type { Batch } from './command-queue.js';
import type { NodeTimeout } from './deadlines/node-timeout.js';
import type { Identity } from './identity/identity.js';
import type { Round } from './round.js';

/** Whether a node acknowledges an operation only if it has the token of the claim, or the one that an adoption replaces. */
function isAcknowledged(kind: Operation['kind']): boolean {
  return kind === 'extend' || kind === 'confirm' || kind === 'adopt';
}

/** Decides whether a node's vote counts. A server that has forgotten a lock would grant it a second time. */
export class Trust {
  readonly #identity: Identity | null;
  readonly #timeout: NodeTimeout;

  /** @param identity null: every node is trusted to keep all writes */
  constructor(identity: Identity | null, timeout: NodeTimeout) {
    this.#identity = identity;
    this.#timeout = timeout;
  }

  /**
   * Judges the vote that a reply means.
   *
   * Perf: latency of an acquire. A promise is made only if the node's identity is still unknown, so nearly all votes
   * count in the turn of their reply.
   * @returns the vote that counts
   */
  judge<T>(
    round: Round<T>,
    outcome: Outcome<T>,
    { connection }: Batch,
  ): Outcome<T> | Promise<Outcome<T>> {
    const identity = this.#identity;
    if (identity === null || this.#isTrusted(round, outcome, connection, identity)) return outcome;
    if (!identity.isPending(connection)) return judgeInDoubt(round, outcome, connection, identity);
    return this.#judgeAfterAnswer(round, outcome, connection, identity);
  }

  /**
   * Whether a grant still counts when its attempt is decided. Since the grant, the node may have forgotten it, have
   * been healed with the lock of another owner, and have acknowledged that lock. It has not forgotten if its connection
   * is still the one of the grant (docs/decisions/no-second-vote.md).
   * @param granted the connection of the grant
   * @param current the node's connection now
   */
  stands(granted: number, current: number): boolean {
    return this.#identity === null || granted === current;
  }

  #isTrusted(
    { operation: { kind }, start }: Round,
    { vote }: Outcome<unknown>,
    connection: number,
    identity: Identity,
  ): boolean {
    if (kind === 'grant') return vote === 'failed' || identity.trusts(connection, start);
    return vote !== 'granted' || !isAcknowledged(kind) || identity.vouches(connection);
  }

  async #judgeAfterAnswer<T>(
    round: Round<T>,
    outcome: Outcome<T>,
    connection: number,
    identity: Identity,
  ): Promise<Outcome<T>> {
    await this.#timeout.limit(identity.answer, this.#timeout.left(round));
    return judgeInDoubt(round, outcome, connection, identity);
  }
}

function judgeInDoubt<T>(
  { operation, start }: Round<T>,
  outcome: Outcome<T>,
  connection: number,
  identity: Identity,
): Outcome<T> {
  const doubt =
    operation.kind === 'grant'
      ? identity.doubtGrant(connection, start)
      : identity.doubtAcknowledgement(connection);
  return doubt ?? outcome;
}
