import { describeError } from '../protocol/errors.js';
import type { GuardedNode } from './guarded-node.js';
import type { Failure } from '../protocol/replies.js';
import { failure, RECONNECTED } from './failures.js';
import type { Runtime } from '../time/runtime.js';
import type { Quarantine } from './quarantine.js';
import type { RunIds } from './known-servers.js';
import { parseServerInfo, type ServerInfo } from '../protocol/server-info.js';

const INFO = Object.freeze(['INFO', 'server']);

/**
 * Which servers are behind a node's connection, and whether their votes count: a server that has restarted without its
 * data would grant a lock that is still held (docs/decisions.md#quarantine-of-grants).
 *
 * A server acknowledges an extension, a write-back or an adoption only if it has the lock's token. So it has not lost
 * that lock, or it was repaired with it since, and its acknowledgement counts in quarantine, too. It does not count while
 * an attempt may be under way that the server granted before its loss: the server would vote twice, for that attempt
 * and for the lock with which it was repaired (docs/decisions.md#no-second-vote). Repairs and releases decide nothing.
 *
 * Invariant: a vote counts only if the identity of the connection on which it was written is known, and if that
 * connection is the current one when the reply arrives. A grant also counts only if no quarantine was on when it was
 * asked for.
 *
 * Perf: latency of the first acquire on a connection. Identity is requested ahead of the first grant, so its reply
 * comes first and costs no round trip. Only a command that the client sends again by itself comes before it, and that
 * command was written on another connection.
 */
export class Identity {
  readonly #node: GuardedNode;
  readonly #runIds: RunIds;
  readonly #quarantine: Quarantine;
  readonly #runtime: Pick<Runtime, 'now'>;
  readonly #onTime: (microseconds: number, at: number) => void;
  /** The current connection, as its link counts them. */
  #connection = 0;
  /** The connection whose servers are known, and whose grants count if there is no quarantine; -1: none. */
  #known = -1;
  #asking = false;
  #closed = false;
  /** What is wrong with the servers, or with asking for their identity. */
  #fault: Failure | null = null;
  #answer: Promise<void> = Promise.resolve();

  /**
   * @param runIds of all nodes
   * @param onTime is called with the time that a server reports, in microseconds, and with the middle of the command that
   * asked for it, on the monotonic clock
   */
  constructor(
    node: GuardedNode,
    runIds: RunIds,
    quarantine: Quarantine,
    runtime: Pick<Runtime, 'now'>,
    onTime: (microseconds: number, at: number) => void,
  ) {
    this.#node = node;
    this.#runIds = runIds;
    this.#quarantine = quarantine;
    this.#runtime = runtime;
    this.#onTime = onTime;
  }

  /** Resolves when the latest question is answered, or when it has failed. */
  get answer(): Promise<void> {
    return this.#answer;
  }

  /** Why no grant of the node can count, whatever it answers. */
  get fault(): Failure | null {
    return this.#fault;
  }

  /** Why nothing at all is asked of the node: its server votes for another node. */
  refuse(): Failure | undefined {
    if (this.#fault?.error.code !== 'DUPLICATE_SERVER') return undefined;
    // Ask again: the node may have moved to a server of its own.
    this.askIfUnknown();
    return this.#fault;
  }

  /** Behind a new connection there may be another server, or the same one without its data. */
  reconnected(connection: number): void {
    if (this.#closed) return;
    this.#connection = connection;
    this.#known = -1;
    this.#asking = false;
    this.askIfUnknown();
  }

  /** From now on no quarantine is reported, and no server of a new connection is asked who it is. */
  close(): void {
    this.#closed = true;
    this.#quarantine.close();
  }

  /**
   * Requests the identity of the current connection if it is unknown, also after a failed request. Called while a
   * command is written.
   */
  askIfUnknown(): void {
    const isSettled = this.#known === this.#connection || this.#asking;
    if (!isSettled && this.#node.ready) this.#ask();
  }

  /**
   * Whether everything that was written on a connection counts. Perf: latency of an acquire. Nearly every reply is judged
   * here, so this makes no objects and reads little.
   * @param start when it was requested, on the monotonic clock
   */
  isCounted(connection: number, start: number): boolean {
    return this.#known === connection && this.#quarantine.isOver(start);
  }

  /** Whether the answer that is awaited decides if votes of a connection count. */
  isPending(connection: number): boolean {
    return connection === this.#connection && this.#asking;
  }

  /**
   * Why a grant that a node has given does not count; `undefined` if it counts.
   * @param connection the connection on which the grant was written
   * @param start when the grant was requested, on the monotonic clock
   */
  doubtGrant(connection: number, start: number): Failure | undefined {
    return this.#doubt(connection) ?? this.#quarantine.doubtGrant(start);
  }

  /** Why an acknowledgement does not count; `undefined` if it counts. */
  doubtAcknowledgement(connection: number): Failure | undefined {
    return this.#doubt(connection) ?? this.#quarantine.doubtAcknowledgement();
  }

  /** Why nothing that is written on the current connection counts; `undefined` if it counts. */
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
    const sentAt = this.#runtime.now();
    this.#asking = true;
    // Perf: one more microtask, and the grant sent after INFO would be handled before its reply, and wait for it.
    this.#answer = this.#node.callServers(INFO).then(
      (reply) => this.#answered(connection, reply, sentAt),
      (error: unknown) => this.#refused(connection, error),
    );
  }

  #answered(connection: number, reply: unknown, sentAt: number): void {
    try {
      const replies = this.#node.serverReplies(reply);
      if (replies.length === 0) throw new TypeError('the client knows no master');
      const servers = replies.map(parseServerInfo);
      if (connection !== this.#connection) return;
      this.#see(servers);
      const { time } = servers[0] ?? {};
      if (time !== undefined) this.#onTime(time, (sentAt + this.#runtime.now()) / 2);
    } catch (error) {
      this.#refused(connection, error);
    }
  }

  /**
   * INFO failed. The failure of a question from a former connection means nothing: the current one has its own
   * question.
   */
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
    'IDENTITY_UNKNOWN',
    `${why}, so a restart without data would go unnoticed: allow INFO, ` +
      'or set quarantine: false if the nodes keep every write',
  );
}

function sameServer(other: string): Failure {
  return failure(
    'DUPLICATE_SERVER',
    `is the same server as ${other}, which votes already; each node must be a server of its own`,
  );
}
