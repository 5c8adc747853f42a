import { setTimeout as sleep } from 'node:timers/promises';
import { LastError } from 'redlock-core/adapter';
import { reasonOf } from './reason.js';

/** Asks a GLIDE client about its connections. */
export interface Probe {
  /** Resolves when one of the client's servers takes connections, which shows without the client. */
  reach(): Promise<void>;
  /** Resolves with the `CLIENT INFO` of every master, or of those that answer. */
  ask(): Promise<readonly unknown[]>;
  /** Whether the client has several servers, of which one may fail while the others answer. */
  readonly bearsFailures: boolean;
  /** Whether the client was closed. */
  readonly isClosed: boolean;
}

/** The first pause between two probes and the longest, in ms. The pause doubles each time. */
const PAUSES = { first: 25, longest: 1000 };

/**
 * The pauses while a server takes connections, but has never taken this client. Each try of a standalone client leaves
 * a loop behind then, which goes on connecting for as long as the process lives.
 */
const REFUSED_PAUSES = { first: 5000, longest: 600_000 };

/**
 * The connections under a GLIDE client, as far as they are known. GLIDE replaces a connection without a notice. So each
 * command takes a `CLIENT INFO` along on the same connection, which tells which connection it is.
 */
export class Connections {
  readonly #probe: Probe;
  readonly #listeners = new Set<() => void>();
  /**
   * The identity of each connection, by the address of the server's end, because a Cluster has a connection to each
   * server.
   */
  readonly #identities = new Map<string, string>();
  readonly #lastError = new LastError();
  #ready = false;
  /** How often there was an answer. */
  #answers = 0;
  #searching = false;
  /** Whether the latest probe has reached a server. */
  #reached = false;

  constructor(probe: Probe) {
    this.#probe = probe;
  }

  get ready(): boolean {
    return this.#ready;
  }

  /** Why there is no connection. */
  get lastError(): unknown {
    return this.#lastError.value;
  }

  onEstablished(given: () => void): () => void {
    // A function of its own for each call, so that one listener can be added twice.
    const listener = (): void => given();
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /**
   * Learns on which connections there was an answer.
   * @param infos replies to `CLIENT INFO`, from one connection or from several
   */
  saw(infos: readonly unknown[]): void {
    const connections = infos.map((info) => connectionIn(String(info)));
    const isNews =
      !this.#ready ||
      connections.some(({ server, identity }) => this.#identities.get(server) !== identity);
    for (const { server, identity } of connections) this.#identities.set(server, identity);
    this.#ready = true;
    this.#answers++;
    this.#lastError.connected();
    if (isNews) for (const listener of this.#listeners) listener();
  }

  /** A command was not answered. A Cluster remains ready until a probe shows that no master answers. */
  lost(error: unknown): void {
    if (!this.#probe.bearsFailures) this.#ready = false;
    this.#lastError.saw(error);
    void this.find();
  }

  /** Probes until there is an answer, the client is closed, or nobody listens any more. */
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
      if (this.#probe.isClosed || this.#listeners.size === 0) break;
    }
    this.#searching = false;
  }

  async #isFound(): Promise<boolean> {
    this.#reached = false;
    const answers = this.#answers;
    try {
      await this.#probe.reach();
      this.#reached = true;
      this.saw(await this.#probe.ask());
    } catch (error) {
      if (this.#answers === answers) this.#ready = false;
      if (!this.#ready) this.#lastError.saw(reasonOf(error));
    }
    return this.#ready;
  }
}

/**
 * The connection that a reply to `CLIENT INFO` describes. Its identity includes the port of our end, because ids count
 * from 1 again when a server restarts.
 */
export function connectionIn(info: string): { server: string; identity: string } {
  const field = (name: string): string => new RegExp(`(?:^| )${name}=(\\S*)`).exec(info)?.[1] ?? '';
  return { server: field('laddr'), identity: `${field('id')} ${field('addr')}` };
}
