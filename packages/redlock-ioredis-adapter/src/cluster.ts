import type { ClusterMasters } from 'redlock-core';
import type { Internals } from './client.js';

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
