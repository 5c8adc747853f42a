import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultProxy } from 'test-kit';
import type { Address } from '../libraries/clients.js';
import { Servers } from '../servers.js';

export const SITES = ['A', 'B', 'C'] as const;
export type Site = (typeof SITES)[number];

/** The site of each node. */
export type Layout = readonly Site[];

/** Between two sites and back, in ms. */
const ROUND_TRIPS: Readonly<Record<string, number>> = { AB: 10, AC: 40, BC: 80 };

function roundTripBetween(one: Site, other: Site): number {
  return ROUND_TRIPS[[one, other].toSorted((a, b) => a.localeCompare(b)).join('')] ?? 0;
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
  readonly #servers: Servers;
  readonly #lines: readonly Line[];

  private constructor(layout: Layout, servers: Servers, lines: readonly Line[]) {
    this.layout = layout;
    this.#servers = servers;
    this.#lines = lines;
    this.#delay();
  }

  static async open(layout: Layout): Promise<Laboratory> {
    const servers = await Servers.start(layout.length);
    const lines = SITES.flatMap((from) =>
      layout.map(async (to, node) => ({ from, to, proxy: await servers.deployment.proxyTo(node) })),
    );
    return new Laboratory(layout, servers, await Promise.all(lines));
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
    await this.#servers[Symbol.asyncDispose]();
  }

  #delay(): void {
    for (const { from, to, proxy } of this.#lines) proxy.delay(roundTripBetween(from, to) / 2);
  }
}

/** What happens to the sites while their clients work. */
export interface Situation {
  readonly name: string;
  /** Whether the clients of one site reach the nodes of another all the time. */
  reaches(from: Site, to: Site): boolean;
  /** Lasts until it is aborted. */
  happen(laboratory: Laboratory, ended: AbortSignal): Promise<void>;
}

/** How long a site that flaps is silent, and reachable, in ms. */
const FLAP = 500;

export const ALL_UP: Situation = {
  name: 'all sites there',
  reaches: () => true,
  happen: (_, ended) => endOf(ended),
};

export function cutOff(site: Site): Situation {
  return {
    name: `${site} cut off`,
    reaches: (from, to) => from === to || (from !== site && to !== site),
    happen: async (laboratory, ended) => {
      laboratory.isolate(site);
      await endOf(ended);
      await laboratory.restore();
    },
  };
}

export const ONE_WAY: Situation = {
  name: 'A does not reach B, B reaches A',
  reaches: (from, to) => !(from === 'A' && to === 'B'),
  happen: async (laboratory, ended) => {
    laboratory.silence('A', 'B');
    await endOf(ended);
    await laboratory.restore();
  },
};

export function flapping(site: Site): Situation {
  return {
    ...cutOff(site),
    name: `${site} flaps, ${FLAP / 1000} s away and ${FLAP / 1000} s there`,
    happen: async (laboratory, ended) => {
      while (!ended.aborted) {
        laboratory.isolate(site);
        await endOf(ended, FLAP);
        await laboratory.restore();
        await endOf(ended, FLAP);
      }
    },
  };
}

/** Longer than any situation, in ms. */
const LONG = 600_000;

async function endOf(ended: AbortSignal, atMost = LONG): Promise<void> {
  await sleep(atMost, undefined, { signal: ended }).catch(() => {});
}
