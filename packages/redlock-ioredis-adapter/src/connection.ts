import { LastError, perClient } from 'redlock-core/adapter';
import type { ClientInternals, IoredisClient } from './client.js';
import { CLOSED, reasonOf } from './reason.js';

/** The connection of a client. It listens to the client's events once for all nodes that are made of the client. */
export class Connection {
  /** The connection of a client; a Cluster's client counts as one. */
  static readonly of = perClient((client: IoredisClient) => new Connection(client));

  readonly #client: IoredisClient;
  readonly #internals: ClientInternals;
  readonly #listeners = new Set<() => void>();
  readonly #lastError = new LastError(CLOSED);
  /** Changes with each connection and each SELECT, so that the reply to an earlier SELECT is recognised as old. */
  #epoch = 0;
  /** Whether commands are executed in the client's database. */
  #isSelected = false;
  /** Whether the server has refused that database on this connection. */
  #isRefused = false;

  private constructor(client: IoredisClient) {
    this.#client = client;
    this.#internals = client as unknown as ClientInternals;
    this.#internals.on('connect', () => this.#lastError.connecting());
    this.#internals.on('error', (error) => {
      this.#lastError.saw(reasonOf(error));
      this.#print(error);
    });
    this.#internals.on('close', () => {
      this.#epoch++;
      this.#isSelected = false;
      this.#isRefused = false;
      // Some connections end without an error, as those to a server that closes them.
      this.#lastError.saw(new Error(CLOSED));
    });
    client.on('ready', () => this.#established());
    if (client.status === 'ready') this.#select();
  }

  get ready(): boolean {
    const { stream } = this.#internals;
    // A client whose stream has just ended is still `ready`, and queues commands.
    return this.#isSelected && this.#client.status === 'ready' && stream?.writable !== false;
  }

  /** Why the connection is not ready; `undefined` if it is. */
  get lastError(): unknown {
    return this.ready ? undefined : this.#lastError.value;
  }

  /** Connects a lazy client. A client that has begun to connect tries again by itself. */
  connect(): void {
    // The server may accept the database now.
    if (this.#isRefused) this.#select();
    if (this.#client.status !== 'wait') return;
    this.#client.connect().catch((error: unknown) => {
      // If the names of all servers of a Cluster are unknown, there has been no event.
      if (!this.#lastError.value) this.#lastError.saw(error);
    });
  }

  /** Calls `listener` each time the connection has been established, until the returned function is called. */
  onReady(given: () => void): () => void {
    // A function of its own for each call, so that one listener can be added twice.
    const listener = (): void => given();
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #established(): void {
    this.#select();
    // Tell it even before the database is selected: replies to commands that the client sends again come first.
    this.#tell();
  }

  /** Selects the client's database, because ioredis goes on in database 0 if the server has refused another one. */
  #select(): void {
    const epoch = ++this.#epoch;
    const { condition, options } = this.#internals;
    this.#isRefused = false;
    const db = this.#client.isCluster ? 0 : (condition?.select ?? options.db ?? 0);
    this.#isSelected = db === 0;
    if (this.#isSelected) {
      this.#lastError.connected();
      return;
    }
    this.#client.call('SELECT', [String(db)]).then(
      () => {
        if (epoch !== this.#epoch) return;
        this.#isSelected = true;
        this.#lastError.connected();
        this.#tell();
      },
      (error: unknown) => {
        if (epoch !== this.#epoch) return;
        this.#isRefused = true;
        this.#lastError.saw(error);
      },
    );
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }

  /** ioredis prints errors if nobody listens to them, and the listener of this class must not end that. */
  #print({ stack }: Error): void {
    if (this.#internals.listenerCount('error') > 1) return;
    console.error('[ioredis] Unhandled error event:', stack);
  }
}
