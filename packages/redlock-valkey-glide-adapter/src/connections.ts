import { setTimeout as sleep } from 'node:timers/promises';

/** The longest wait between two probes of a connection that was lost, in ms. */
const LONGEST_WAIT = 1000;

/**
 * What is known of the connections under a GLIDE client, which makes them anew without a word. So
 * each command takes a `CLIENT INFO` along, on the same connection, that says which one it is.
 */
export class Connections {
  readonly #probe: () => Promise<readonly unknown[]>;
  readonly #listeners = new Set<() => void>();
  /** By the address of the server's end, for a Cluster has a connection to each of its servers. */
  readonly #identities = new Map<string, string>();
  #ready = false;
  #probing = false;

  /** @param probe asks every master for its `CLIENT INFO` */
  constructor(probe: () => Promise<readonly unknown[]>) {
    this.#probe = probe;
  }

  get ready(): boolean {
    return this.#ready;
  }

  onEstablished(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** @param infos what `CLIENT INFO` replied, on one connection or on several */
  saw(infos: readonly unknown[]): void {
    const connections = infos.map((info) => connectionIn(String(info)));
    const isNews =
      !this.#ready ||
      connections.some(({ server, identity }) => this.#identities.get(server) !== identity);
    for (const { server, identity } of connections) this.#identities.set(server, identity);
    this.#ready = true;
    if (isNews) for (const listener of this.#listeners) listener();
  }

  /** A command was not answered. */
  lost(): void {
    this.#ready = false;
    void this.find();
  }

  /** Probes until there is an answer, or the client is closed. */
  async find(): Promise<void> {
    if (this.#probing) return;
    this.#probing = true;
    for (let wait = 25; !this.#ready; wait = Math.min(2 * wait, LONGEST_WAIT)) {
      try {
        this.saw(await this.#probe());
      } catch (error) {
        if (error instanceof Error && error.name === 'ClosingError') break;
        await sleep(wait, null, { ref: false });
      }
    }
    this.#probing = false;
  }
}

/** Ids count from 1 again when a server restarts; the port of our end is hardly the same then. */
export function connectionIn(info: string): { server: string; identity: string } {
  const field = (name: string): string => new RegExp(`(?:^| )${name}=(\\S*)`).exec(info)?.[1] ?? '';
  return { server: field('laddr'), identity: `${field('id')} ${field('addr')}` };
}
