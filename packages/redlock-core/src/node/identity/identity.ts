import { describeError } from '../../protocol/failure.js';
import type { GuardedNode } from '../guarded-node.js';
import { failure, RECONNECTED, type Failure } from '../../protocol/outcome.js';
import type { Quarantine } from './quarantine.js';
import type { RunIds } from './run-ids.js';
import { parseServerInfo, type ServerInfo } from '../../protocol/server-info.js';

const INFO = ['INFO', 'server'];

/**
 * Which servers are behind a node's connection, and whether their votes count: a server that has
 * restarted without its data would grant what is still held.
 *
 * An acknowledgement (of an extension, a confirm or an adoption) comes only from a server that has the
 * lock's token, so from one that has not forgotten that lock, or was told of it since. It counts in quarantine
 * too, but not as long as an attempt may be under way that the server granted before it forgot: it would vote
 * twice, for that attempt and for the lock that it was healed with. Heals and releases decide nothing.
 *
 * Invariant: a vote counts only if the identity of the connection it was written on is known, and that
 * connection is the current one when the reply arrives; a grant, if no quarantine was on when it was asked
 * for. Identity is asked for ahead of the first grant of a connection, so its reply is there first,
 * and costs no round trip. Only what a client has sent again by itself is ahead of it, and that was
 * written on another connection.
 */
export class Identity {
  readonly #node: GuardedNode;
  readonly #runIds: RunIds;
  readonly #quarantine: Quarantine;
  /** The current one, as group-commit.ts counts them. */
  #connection = 0;
  /** The connection whose servers are known, and whose grants count but for a quarantine. */
  #known = -1;
  #asking = false;
  /** What is wrong with the servers, or with asking who they are. */
  #fault: Failure | null = null;
  #answer: Promise<void> = Promise.resolve();

  /** @param runIds of all nodes */
  constructor(node: GuardedNode, runIds: RunIds, quarantine: Quarantine) {
    this.#node = node;
    this.#runIds = runIds;
    this.#quarantine = quarantine;
  }

  /** Settles when the question asked last is answered, or never will be. */
  get answer(): Promise<void> {
    return this.#answer;
  }

  /** Why the node's grants cannot count, whatever it says. */
  get fault(): Failure | null {
    return this.#fault;
  }

  /** Why nothing at all is asked of it: its server votes for another node. */
  refuse(): Failure | undefined {
    if (this.#fault?.error.code !== 'SAME_SERVER') return undefined;
    // Perhaps no longer.
    this.require();
    return this.#fault;
  }

  /** Behind a new connection there may be another server, or the same one without its data. */
  reconnected(connection: number): void {
    this.#connection = connection;
    this.#known = -1;
    this.#asking = false;
    this.require();
  }

  close(): void {
    this.#quarantine.close();
  }

  /** Asks, while a command is written, where that is not known; where asking has failed, again. */
  require(): void {
    const isSettled = this.#known === this.#connection || this.#asking;
    if (!isSettled && this.#node.ready) this.#ask();
  }

  /** Whether a grant counts. The way of nearly all of them, so it makes nothing and reads little. */
  trusts(connection: number, start: number): boolean {
    return this.#known === connection && this.#quarantine.isOver(start);
  }

  /** Whether an acknowledgement counts. */
  vouches(connection: number): boolean {
    return this.#known === connection && this.#quarantine.mayAcknowledge();
  }

  /** Whether the answer to come decides that. */
  isPending(connection: number): boolean {
    return connection === this.#connection && this.#asking;
  }

  /**
   * Why a grant that a node has given does not count, if it does not.
   * @param connection that it was written on
   * @param start when it was asked for, on the monotonic clock
   */
  doubtGrant(connection: number, start: number): Failure | undefined {
    return this.#doubt(connection) ?? this.#quarantine.doubtGrant(start);
  }

  /** The same of an acknowledgement. */
  doubtAcknowledgement(connection: number): Failure | undefined {
    return this.#doubt(connection) ?? this.#quarantine.doubtAcknowledgement();
  }

  /** Why nothing written on the current connection counts, if that is so. */
  doubtConnection(): Failure | undefined {
    return this.#doubt(this.#connection);
  }

  #doubt(connection: number): Failure | undefined {
    if (connection !== this.#connection) return RECONNECTED;
    if (this.#asking) return unidentified('INFO is not answered in time');
    return this.#fault ?? undefined;
  }

  #ask(): void {
    const connection = this.#connection;
    this.#asking = true;
    // No promise more than a command has, or the reply to a grant behind it would overtake this one.
    this.#answer = this.#node.callServers(INFO).then(
      (reply) => this.#answered(connection, reply),
      (error: unknown) => this.#refused(connection, error),
    );
  }

  #answered(connection: number, reply: unknown): void {
    try {
      const replies: readonly unknown[] = this.#node.hasMasters ? (reply as unknown[]) : [reply];
      if (replies.length === 0) throw new TypeError('the client knows no master');
      const servers = replies.map(parseServerInfo);
      if (connection === this.#connection) this.#see(servers);
    } catch (error) {
      this.#refused(connection, error);
    }
  }

  /** A client may have sent the question again, on a connection with a question of its own. */
  #refused(connection: number, error: unknown): void {
    if (connection !== this.#connection) return;
    this.#asking = false;
    const { code, message } = describeError(error);
    this.#fault = unidentified(`INFO failed (${code}: ${message})`);
  }

  #see(servers: readonly ServerInfo[]): void {
    this.#asking = false;
    this.#quarantine.see(servers);
    const other = this.#runIds.claim(
      this.#node.name,
      servers.map(({ runId }) => runId),
    );
    this.#fault = other === undefined ? null : sameServer(other);
    if (!this.#fault) this.#known = this.#connection;
  }
}

function unidentified(why: string): Failure {
  return failure(
    'UNIDENTIFIED',
    `${why}, so a restart without data would go unnoticed: allow INFO, ` +
      'or set quarantine: false if the nodes keep every write',
  );
}

function sameServer(other: string): Failure {
  return failure(
    'SAME_SERVER',
    `is the same server as ${other}, which votes already; each node must be a server of its own`,
  );
}
