import { type EventEmitter, errorMonitor, setMaxListeners } from 'node:events';
import type { ClusterMasters } from 'redlock-core';
import {
  type ConnectionReports,
  keyRange,
  type NodeConnection,
  type OpenSubscriber,
} from 'redlock-core/adapter';
import {
  type AnyClient,
  type CommandOptions,
  type Internals,
  type NodeRedisClient,
  requireClient,
} from './client.js';
import { type Deployment, deploymentOf } from './deployments.js';

/** How long a client may go on with a connection that has failed while it was set up, in ms. */
const HANDSHAKE = 2000;

/** With this message a client ends a connection whose reason to fail it has reported before. */
const ENDED = 'Socket closed unexpectedly';

/**
 * The connections of a deployment's clients. Reports each new one, and ends commands that waited for it.
 */
export class Connections implements NodeConnection {
  readonly name: string;
  readonly keyPrefix: string;
  readonly cluster: ClusterMasters | undefined;
  readonly #client: AnyClient;
  readonly #deployment: Deployment;
  readonly #reports: ConnectionReports;
  readonly #watched = new WeakSet<NodeRedisClient>();
  #current = new AbortController();

  constructor(client: AnyClient, reports: ConnectionReports) {
    requireClient(client);
    this.#client = client;
    this.#deployment = deploymentOf(client);
    this.#reports = reports;
    this.name = this.#deployment.name;
    this.keyPrefix = String((client as AnyClient & Internals)._keyPrefix ?? '');
    const { masters } = this.#deployment;
    this.cluster = masters && {
      callMasters: (args) =>
        Promise.all(
          this.#deployment.servers().map((server) => server.sendCommand([...args], this.#options)),
        ),
      masterOf: (slot) => masters.of(slot),
      reconnect: (master) => replace(masters.client(master)),
    };
    this.#hearErrors(client);
    this.#watch();
  }

  get ready(): boolean {
    this.#watch();
    return this.#deployment.isReady;
  }

  async call(args: readonly string[]): Promise<unknown> {
    const { start, end } = keyRange(args);
    // The client itself puts its prefix only before keys of commands that it puts together.
    const prefixed = (arg: string, index: number): string =>
      index >= start && index < end ? this.keyPrefix + arg : arg;
    const command = this.keyPrefix ? args.map(prefixed) : [...args];
    const key = end > start ? command[start] : undefined;
    const reply = await this.#deployment.send(command, key, this.#options);
    // The reply may have come from a new server.
    this.#watch();
    return reply;
  }

  /** Connects a client that has not begun to connect or has given up. */
  async connect(): Promise<void> {
    await this.#deployment.connect();
    this.#watch();
  }

  reconnect(): void {
    this.#deployment.servers().forEach(replace);
  }

  /** Opens connections with the options of the client. On a Cluster any server delivers messages from all others. */
  readonly openSubscriber: OpenSubscriber = async (events) => {
    const server = this.#deployment.servers().find(({ isReady }) => isReady);
    if (!server) throw new Error('The client is not connected');
    const internals = server as NodeRedisClient & Internals;
    const socket = { ...internals.options?.socket, reconnectStrategy: false };
    const connection = internals.duplicate({ socket });
    const close = (): void => {
      if (connection.isOpen) connection.destroy();
    };
    connection.on('error', events.lost);
    events.signal.addEventListener('abort', close, { once: true });
    await connection.connect();
    const listener = (message: string, channel: string): void => events.message(channel, message);
    return {
      subscribe: (channel) => connection.subscribe(channel, listener),
      unsubscribe: (channel) => connection.unsubscribe(channel),
      ping: () => connection.ping(),
      close,
    };
  };

  /**
   * The options for commands that are given now. Their signal aborts before anything is written on the next connection,
   * so that commands which the client was given before, and has not written, are never written.
   */
  get #options(): CommandOptions {
    return { abortSignal: this.#current.signal, timeout: 0, typeMapping: {} };
  }

  /** Listens to masters that are new. Masters come and go, each with a client of its own. */
  #watch(): void {
    for (const server of this.#deployment.servers()) {
      if (this.#watched.has(server)) continue;
      this.#watched.add(server);
      server.on('connect', this.#reports.connecting);
      server.on('ready', () => this.#established());
      // The constructor already listens to the errors of a standalone server.
      if (server !== this.#client) this.#hearErrors(server);
      watchHandshake(server);
      if (server.isReady) this.#established();
    }
  }

  #hearErrors(client: AnyClient): void {
    onError(client, (error) => {
      const reason = reasonOf(error);
      this.#reports.failed(reason, reason instanceof Error && reason.message === ENDED);
    });
  }

  #established(): void {
    this.#current.abort();
    this.#current = new AbortController();
    setMaxListeners(0, this.#current.signal);
    this.#reports.established();
  }
}

/** Listens as a monitor: without another listener, errors still end the process, as they do without the adapter. */
function onError(client: AnyClient, listener: (error: unknown) => void): void {
  (client as unknown as EventEmitter).on(errorMonitor, listener);
}

/**
 * Replaces the connection of a server. A client that is not ready reconnects by itself, in addition to the new
 * connection.
 */
function replace(server: NodeRedisClient | undefined): void {
  if (!server?.isReady) return;
  server.destroy();
  // Failures go to the client's own `error` listeners, and the client reconnects by itself.
  server.connect().catch(() => {});
}

/**
 * The reason inside an error of a Sentinel group's client, which wraps the errors of the clients under it, or puts them
 * into a text.
 */
function reasonOf(error: unknown): unknown {
  if (typeof error === 'string') return new Error(error.replace(/^.*\bError: /s, ''));
  const isWrapped = error instanceof Error && /^\w+ Client \(/.test(error.message);
  return isWrapped ? (error.cause ?? error) : error;
}

/**
 * Helps a client of version 5 whose connection ends while it is being set up: the client writes its greeting to no
 * connection, and waits for the reply without end. Versions before 5.11 cannot be helped.
 */
function watchHandshake(given: NodeRedisClient): void {
  const server = given as NodeRedisClient & Internals;
  let check: NodeJS.Timeout | undefined;
  const ended = new Error('The connection has ended before the client was ready');
  onError(server, () => {
    clearTimeout(check);
    if (!server.isOpen || server.isReady) return;
    // This does nothing to a client that only pauses before its next try.
    check = setTimeout(() => server._getQueue?.().flushWaitingForReply(ended), HANDSHAKE);
    check.unref();
  });
  for (const event of ['connect', 'ready', 'reconnecting', 'end'] as const) {
    server.on(event, () => clearTimeout(check));
  }
}
