import type { ClusterMasters } from 'redlock-core';
import type { ConnectionReports } from 'redlock-core/adapter';
import type { Internals } from './client.js';

/** The message with which ioredis ends an attempt that has failed for another reason. */
const CLOSED = 'Connection is closed.';

const SENTINELS = /^All sentinels are unreachable.* Last error: (.*)/s;

/** How the server has answered `SELECT` of the client's database on one connection. */
interface Selection {
  state: 'pending' | 'done' | 'refused';
}

/** The connection of a client; a Cluster's client counts as one. */
export class Connection {
  readonly #client: Internals;
  readonly #reports: ConnectionReports;
  /** The latest one. Whether it is that of a reply tells whether the reply is old. */
  #selection: Selection = { state: 'pending' };

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
      this.#selection = { state: 'pending' };
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
    return this.#selection.state === 'done' && status === 'ready' && stream?.writable !== false;
  }

  /** Connects a lazy client. A client that has begun to connect retries by itself. */
  async connect(): Promise<void> {
    // The server may accept the database now.
    if (this.#selection.state === 'refused') this.#select();
    if (this.#client.status === 'wait') await this.#client.connect();
  }

  /** Selects the client's database, because ioredis goes on in database 0 if the server has refused another one. */
  #select(): void {
    const { condition, options, isCluster } = this.#client;
    const db = isCluster ? 0 : (condition?.select ?? options.db ?? 0);
    const selection: Selection = { state: db === 0 ? 'done' : 'pending' };
    this.#selection = selection;
    if (db === 0) return;
    this.#client.call('SELECT', [String(db)]).then(
      () => {
        selection.state = 'done';
        if (selection === this.#selection) this.#reports.established();
      },
      (error: unknown) => {
        selection.state = 'refused';
        if (selection === this.#selection) this.#reports.failed(error);
      },
    );
  }

  /** Without a listener, ioredis prints errors. The listener of this class must not change that. */
  #print({ stack }: Error): void {
    if (this.#client.listenerCount('error') > 1) return;
    console.error('[ioredis] Unhandled error event:', stack);
  }
}

/**
 * The reason inside the error with which a client of a Cluster or of a Sentinel group gives up a round of its servers.
 */
function reasonOf(error: Error & { readonly lastNodeError?: Error }): Error {
  const { message, lastNodeError } = error;
  if (lastNodeError) {
    return lastNodeError.message === CLOSED ? unreachable('server of the Cluster') : lastNodeError;
  }
  const [, reason] = SENTINELS.exec(message) ?? [];
  if (reason === undefined) return error;
  return reason === CLOSED ? unreachable('Sentinel') : new Error(reason);
}

/** The reason where ioredis gives none. */
function unreachable(who: string): Error {
  return new Error(`no ${who} can be reached`);
}

/** The masters of a Cluster as its client knows them. */
export class Masters implements ClusterMasters {
  readonly #client: Internals;
  readonly #onChange: () => void;
  readonly #watched = new WeakSet<Internals>();
  #known: readonly Internals[];

  /** @param onChange called when there may be another server among the masters */
  constructor(client: Internals, onChange: () => void) {
    this.#client = client;
    this.#onChange = onChange;
    this.#known = this.#masters;
    for (const server of this.#servers) this.#watch(server);
    client.on('+node', (server) => {
      this.#watch(server);
      this.#check();
    });
  }

  callMasters([name = '', ...args]: readonly string[]): Promise<readonly unknown[]> {
    return Promise.all(this.#masters.map((master) => master.call(name, args)));
  }

  masterOf(slot: number): string | undefined {
    return this.#client.slots?.[slot]?.[0];
  }

  reconnect(master: string): void {
    const server = this.#servers.find((one) => addressOf(one) === master);
    (server ?? this.#client).disconnect(true);
  }

  /**
   * Awaits a reply, and checks whether it has come from another master. The client learns from a redirection that a
   * replica was promoted, and makes no event.
   */
  async checked(replied: Promise<unknown>): Promise<unknown> {
    const reply = await replied;
    this.#check();
    return reply;
  }

  #check(): void {
    const known = new Set(this.#known);
    this.#known = this.#masters;
    if (!this.#known.every((master) => known.has(master))) this.#report();
  }

  get #servers(): readonly Internals[] {
    return this.#client.nodes?.() ?? [];
  }

  get #masters(): readonly Internals[] {
    return this.#client.nodes?.('master') ?? [];
  }

  /** Reports each connection of a server but the first: commands that it is given earlier wait for that one, in order. */
  #watch(server: Internals): void {
    if (this.#watched.has(server)) return;
    this.#watched.add(server);
    let again = server.status === 'ready';
    server.on('ready', () => {
      if (again) this.#report();
      again = true;
    });
  }

  /** Reports a change, unless the Cluster is not ready: its client does so when it is. */
  #report(): void {
    if (this.#client.status === 'ready') this.#onChange();
  }
}

export function addressOf({ options: { host, port } }: Internals): string {
  return `${host}:${port}`;
}
