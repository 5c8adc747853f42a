import type { ConnectionReports } from 'redlock-core/adapter';
import type { ClientError, Internals } from './client.js';

/** The message with which ioredis ends a try that has failed for another reason. */
const CLOSED = 'Connection is closed.';

const SENTINELS = /^All sentinels are unreachable.* Last error: (.*)/s;

/** The connection of a client; a Cluster's client counts as one. */
export class Connection {
  readonly #client: Internals;
  readonly #reports: ConnectionReports;
  /** Changes with each connection and each SELECT, so that the reply to an earlier SELECT is recognised as old. */
  #epoch = 0;
  /** Whether commands are executed in the client's database. */
  #isSelected = false;
  /** Whether the server has refused that database on this connection. */
  #isRefused = false;

  constructor(client: Internals, reports: ConnectionReports) {
    this.#client = client;
    this.#reports = reports;
    client.on('connect', reports.connecting);
    client.on('error', (error) => {
      const reason = reasonOf(error);
      reports.failed(reason, reason.message === CLOSED);
      this.#print(error);
    });
    client.on('close', () => {
      this.#epoch++;
      this.#isSelected = false;
      this.#isRefused = false;
      // Some connections end without an error, as those to a server that closes them.
      reports.failed(new Error(CLOSED), true);
    });
    client.on('ready', () => {
      this.#select();
      // Report it even before the database is selected: replies to commands that the client sends again come first.
      reports.established();
    });
    if (client.status === 'ready') this.#select();
  }

  get ready(): boolean {
    const { stream, status } = this.#client;
    // A client whose stream has just ended is still `ready`, and queues commands.
    return this.#isSelected && status === 'ready' && stream?.writable !== false;
  }

  /** Connects a lazy client. A client that has begun to connect tries again by itself. */
  async connect(): Promise<void> {
    // The server may accept the database now.
    if (this.#isRefused) this.#select();
    if (this.#client.status === 'wait') await this.#client.connect();
  }

  /** Selects the client's database, because ioredis goes on in database 0 if the server has refused another one. */
  #select(): void {
    const epoch = ++this.#epoch;
    const { condition, options, isCluster } = this.#client;
    this.#isRefused = false;
    const db = isCluster ? 0 : (condition?.select ?? options.db ?? 0);
    this.#isSelected = db === 0;
    if (this.#isSelected) return;
    this.#client.call('SELECT', [String(db)]).then(
      () => {
        if (epoch !== this.#epoch) return;
        this.#isSelected = true;
        this.#reports.established();
      },
      (error: unknown) => {
        if (epoch !== this.#epoch) return;
        this.#isRefused = true;
        this.#reports.failed(error);
      },
    );
  }

  /** ioredis prints errors if nobody listens to them, and the listener of this class must not end that. */
  #print({ stack }: Error): void {
    if (this.#client.listenerCount('error') > 1) return;
    console.error('[ioredis] Unhandled error event:', stack);
  }
}

/**
 * The reason inside the error with which a client of a Cluster or of a Sentinel group gives up a round of its servers.
 */
function reasonOf(error: ClientError): Error {
  const { message, lastNodeError } = error;
  if (lastNodeError) {
    return lastNodeError.message === CLOSED ? unreachable('server of the Cluster') : lastNodeError;
  }
  const [, reason] = SENTINELS.exec(message) ?? [];
  if (reason === undefined) return error;
  return reason === CLOSED ? unreachable('Sentinel') : new Error(reason);
}

/** Stands for a reason that ioredis does not tell. */
function unreachable(who: string): Error {
  return new Error(`no ${who} can be reached`);
}
