import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Decoder } from '@valkey/valkey-glide';
import type { ConnectionReports, OpenSubscriber } from 'redlock-core/adapter';
import { type ClientConfig, type Internals, isCluster } from './client.js';
import { connectionInfos } from './commands.js';
import { reasonOf } from './errors.js';

/** The first pause between two probes and the longest, in ms. The pause doubles each time. */
const PAUSES = { first: 25, longest: 1000 };

/**
 * The pauses while a server takes connections, but has never taken this client. Each try of a standalone client leaves
 * a loop behind then, which goes on connecting for as long as the process lives.
 */
const REFUSED_PAUSES = { first: 5000, longest: 600_000 };

/** How long a server may take to accept a connection, in ms. */
const PATIENCE = 2000;

/** How long the server may take to confirm a subscription, in ms. */
const CONFIRMATION = 1000;

/**
 * The connections under a GLIDE client, as far as they are known. GLIDE replaces a connection without a notice. So each
 * command is sent with a `CLIENT INFO`, whose reply identifies the connection.
 */
export class Connections {
  readonly #client: Internals;
  readonly #reports: ConnectionReports;
  /**
   * The identity of each connection, by the address of the server's end, because a Cluster has a connection to each
   * server.
   */
  readonly #identities = new Map<string, string>();
  #ready = false;
  /** The number of answers so far. */
  #answers = 0;
  #searching = false;
  /** Whether the latest probe has reached a server. */
  #reached = false;

  constructor(client: Internals, reports: ConnectionReports) {
    this.#client = client;
    this.#reports = reports;
  }

  get ready(): boolean {
    return this.#ready;
  }

  /**
   * Learns on which connections there was an answer.
   * @param infos replies to `CLIENT INFO`, from one connection or from several
   */
  saw(infos: readonly unknown[]): void {
    const connections = infos.map(connectionIn);
    const isNews =
      !this.#ready ||
      connections.some(({ server, identity }) => this.#identities.get(server) !== identity);
    for (const { server, identity } of connections) this.#identities.set(server, identity);
    this.#ready = true;
    this.#answers++;
    if (isNews) this.#reports.established();
  }

  /** A command was not answered. A Cluster remains ready until a probe shows that no master answers. */
  lost(error: unknown): void {
    if (!isCluster(this.#client)) this.#ready = false;
    this.#reports.failed(error);
    void this.find();
  }

  /** Probes until there is an answer, the client is closed, or no Redlock uses it any more. */
  async find(): Promise<void> {
    if (this.#searching) return;
    this.#searching = true;
    let away = PAUSES.first;
    let refused = REFUSED_PAUSES.first;
    while (!(await this.#isFound())) {
      const isRefused = this.#reached && this.#identities.size === 0;
      await sleep(isRefused ? refused : away, null, { ref: false });
      if (isRefused) refused = Math.min(2 * refused, REFUSED_PAUSES.longest);
      else away = Math.min(2 * away, PAUSES.longest);
      if (this.#client.isClosed || !this.#reports.isUsed()) break;
    }
    this.#searching = false;
  }

  async #isFound(): Promise<boolean> {
    this.#reached = false;
    const answers = this.#answers;
    try {
      // A probe without the client first, because the client's own attempts cost more.
      await reach(this.#client.config);
      this.#reached = true;
      this.saw(await connectionInfos(this.#client));
    } catch (error) {
      if (this.#answers === answers) this.#ready = false;
      if (!this.#ready) this.#reports.failed(reasonOf(error));
    }
    return this.#ready;
  }
}

/**
 * The connection that a reply to `CLIENT INFO` describes. Its identity includes the port of our end, because ids count
 * from 1 again when a server restarts.
 */
export function connectionIn(info: unknown): { server: string; identity: string } {
  const text = String(info);
  const field = (name: string): string => new RegExp(`(?:^| )${name}=(\\S*)`).exec(text)?.[1] ?? '';
  return { server: field('laddr'), identity: `${field('id')} ${field('addr')}` };
}

/** Resolves when one of a client's servers takes connections. Rejects with the reason why the first one does not. */
async function reach({ addresses, addressResolver }: ClientConfig): Promise<void> {
  const places = addresses.map(
    ({ host, port = 6379 }) => addressResolver?.(host, port) ?? ([host, port] as const),
  );
  try {
    await Promise.any(places.map(([host, port]) => knock(host, port)));
  } catch (error) {
    throw error instanceof AggregateError ? error.errors[0] : error;
  }
}

async function knock(host: string, port: number): Promise<void> {
  const socket = connect({ host, port });
  // The process need not live on for this.
  socket.unref();
  socket.setTimeout(PATIENCE, () => {
    const error = new Error(`connect ETIMEDOUT ${host}:${port}`);
    socket.destroy(Object.assign(error, { code: 'ETIMEDOUT' }));
  });
  try {
    await once(socket, 'connect');
  } finally {
    socket.destroy();
  }
}

/** Opens connections with the configuration of a client. */
export function subscriberOf(client: Internals): OpenSubscriber {
  return async (events) => {
    const connection = await client.constructor.createClient({
      ...client.config,
      defaultDecoder: Decoder.String,
      lazyConnect: false,
      pubsubSubscriptions: {
        channelsAndPatterns: {},
        callback: (push: { channel: string; message: string }) =>
          events.message(push.channel, push.message),
      },
    });
    const identify = async (): Promise<string> => {
      const info = await connection.customCommand(['CLIENT', 'INFO'], { decoder: Decoder.String });
      return connectionIn(info).identity;
    };
    const identity = await identify();
    let settled: Promise<unknown> = Promise.resolve();
    const send = (command: Promise<unknown>): Promise<unknown> => {
      settled = Promise.allSettled([settled, command]);
      return command;
    };
    const close = async (): Promise<void> => {
      await settled;
      // A client that is closed with subscriptions keeps its connection for seconds, and prints an error in the end.
      await connection.unsubscribeLazy(null).catch(() => {});
      connection.close();
    };
    return {
      subscribe: (channel) => send(connection.subscribe([channel], CONFIRMATION)),
      unsubscribe: (channel) => send(connection.unsubscribeLazy([channel])),
      async ping() {
        // The client reconnects by itself, and messages that were published meanwhile are lost.
        if ((await send(identify())) !== identity) throw new Error('This is another connection');
      },
      close: () => void close(),
    };
  };
}
