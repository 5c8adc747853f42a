import { LastError, perClient } from 'redlock-core/adapter';
import type { ClientInternals, IoredisClient } from './client.js';
import { CLOSED, reasonOf } from './reason.js';

/** The connection of a client, of whose events it hears once for all nodes that are made of it. */
export class Connection {
  /** That of a client, or the one that a Cluster's client stands for. */
  static readonly of = perClient((client: IoredisClient) => new Connection(client));

  readonly #client: IoredisClient;
  readonly #internals: ClientInternals;
  readonly #listeners = new Set<() => void>();
  readonly #lastError = new LastError(CLOSED);
  /** Changes with each connection, and with each SELECT: an earlier one says nothing any more. */
  #epoch = 0;
  /** Commands are executed in the client's database, and all have been told of the connection. */
  #isSelected = false;
  /** The server has refused that database on this connection. */
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
    // A client whose stream has just ended is still `ready`, and queues what it is given.
    return this.#isSelected && this.#client.status === 'ready' && stream?.writable !== false;
  }

  /** Why it is not ready. */
  get lastError(): unknown {
    return this.ready ? undefined : this.#lastError.value;
  }

  /** Connects a lazy client, which tries again by itself. */
  connect(): void {
    // Perhaps it takes the database now.
    if (this.#isRefused) this.#select();
    if (this.#client.status !== 'wait') return;
    this.#client.connect().catch((error: unknown) => {
      // Where there has been no event: of a Cluster whose servers have unknown names.
      if (!this.#lastError.value) this.#lastError.saw(error);
    });
  }

  /** Calls `listener` each time it has been established, until the result is called. */
  onReady(given: () => void): () => void {
    // One of its own, so that it can be there twice.
    const listener = (): void => given();
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #established(): void {
    this.#select();
    // Now, if it is not on its database yet, too: what the client sends again is answered first.
    this.#tell();
  }

  /** ioredis goes on in database 0 where the server has refused another. */
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

  /** ioredis prints errors that nobody listens to, and the listener of this is not to end that. */
  #print({ stack }: Error): void {
    if (this.#internals.listenerCount('error') > 1) return;
    console.error('[ioredis] Unhandled error event:', stack);
  }
}
