import { FaultProxy, type RedisServer, startServers } from 'test-kit';
import type { Address } from '../subject.js';
import { type Layout, roundTripBetween, type Site, SITES } from './layout.js';

/** From the clients of a site to a node. */
interface Line {
  readonly from: Site;
  readonly to: Site;
  readonly proxy: FaultProxy;
}

/** Sites on one machine: between the clients of each and every node is a proxy that is late. */
export class Laboratory implements AsyncDisposable {
  readonly layout: Layout;
  readonly #servers: readonly RedisServer[];
  readonly #lines: readonly Line[];

  private constructor(layout: Layout, servers: readonly RedisServer[], lines: readonly Line[]) {
    this.layout = layout;
    this.#servers = servers;
    this.#lines = lines;
  }

  static async open(layout: Layout): Promise<Laboratory> {
    const servers = await startServers(layout.length, { config: { appendonly: 'no' } });
    const lines = await Promise.all(
      SITES.flatMap((from) =>
        servers.map(async (server, node) => ({
          from,
          to: layout[node] ?? from,
          proxy: await FaultProxy.start(server),
        })),
      ),
    );
    const laboratory = new Laboratory(layout, servers, lines);
    laboratory.#delay();
    return laboratory;
  }

  /** Of the nodes as the clients of a site reach them. */
  addresses(site: Site): Address[] {
    const lines = this.#lines.filter(({ from }) => from === site);
    return lines.map(({ proxy: { host, port } }) => ({ host, port }));
  }

  /** Nothing passes any more from the clients of one site to the nodes of another, nor back. */
  silence(from: Site, to: Site): void {
    for (const line of this.#lines) {
      if (line.from === from && line.to === to) line.proxy.blackHole();
    }
  }

  /** Nothing passes between a site and the others. */
  isolate(site: Site): void {
    for (const other of SITES) {
      if (other === site) continue;
      this.silence(site, other);
      this.silence(other, site);
    }
  }

  /** Everything passes again, as late as ever. */
  async restore(): Promise<void> {
    await Promise.all(this.#lines.map(({ proxy }) => proxy.heal()));
    this.#delay();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#lines.map(({ proxy }) => proxy.close()));
    await Promise.all(this.#servers.map((server) => server.close()));
  }

  #delay(): void {
    for (const { from, to, proxy } of this.#lines) proxy.delay(roundTripBetween(from, to) / 2);
  }
}
