import type { FaultProxy } from 'test-kit';
import { Fleet } from '../fleet.js';
import type { Address } from '../libraries/library.js';

export const SITES = ['A', 'B', 'C'] as const;
export type Site = (typeof SITES)[number];

/** The site of each node. */
export type Layout = readonly Site[];

export const LAYOUT: Layout = ['A', 'A', 'B', 'B', 'C'];

/** Between two sites and back, in ms. */
const ROUND_TRIPS: Readonly<Record<string, number>> = { AB: 10, AC: 40, BC: 80 };

export function roundTripBetween(one: Site, other: Site): number {
  return ROUND_TRIPS[[one, other].toSorted((a, b) => a.localeCompare(b)).join('')] ?? 0;
}

/** `2+2+1`: how many nodes each site has. */
export function nameOf(layout: Layout): string {
  return SITES.map((site) => layout.filter((place) => place === site).length).join('+');
}

/** From the clients of a site to a node. */
interface Line {
  readonly from: Site;
  readonly to: Site;
  readonly proxy: FaultProxy;
}

/** Sites on one machine. A proxy between the clients of each site and every node delays what passes. */
export class Laboratory implements AsyncDisposable {
  readonly layout: Layout;
  readonly #fleet: Fleet;
  readonly #lines: readonly Line[];

  private constructor(layout: Layout, fleet: Fleet, lines: readonly Line[]) {
    this.layout = layout;
    this.#fleet = fleet;
    this.#lines = lines;
  }

  static async open(layout: Layout): Promise<Laboratory> {
    const fleet = await Fleet.start(layout.length);
    const lines = await Promise.all(
      SITES.flatMap((from) =>
        layout.map(async (to, node) => ({ from, to, proxy: await fleet.deployment.proxyTo(node) })),
      ),
    );
    const laboratory = new Laboratory(layout, fleet, lines);
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

  /** Everything passes again, with the usual delay. */
  async restore(): Promise<void> {
    await Promise.all(this.#lines.map(({ proxy }) => proxy.heal()));
    this.#delay();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#fleet[Symbol.asyncDispose]();
  }

  #delay(): void {
    for (const { from, to, proxy } of this.#lines) proxy.delay(roundTripBetween(from, to) / 2);
  }
}
