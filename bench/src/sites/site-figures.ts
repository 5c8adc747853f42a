import { runTogether, startHelper } from '../helper.js';
import { quantile } from '../spread.js';
import type { Laboratory } from './laboratory.js';
import { type Site, SITES } from './layout.js';
import type { Situation } from './situation.js';

/** How the clients of a site fared. All times in ms. */
export interface SiteFigures {
  readonly site: Site;
  readonly situation: string;
  /** To the quorum-th nearest of the nodes that are within reach all the time; null: so many are not. */
  readonly quorumRoundTrip: number | null;
  readonly locks: number;
  /** Null without a lock. */
  readonly median: number | null;
  readonly p99: number | null;
  /** Attempts that found too few nodes. */
  readonly refusals: number;
  readonly refusalMedian: number | null;
  readonly nodeFailures: number;
}

export interface Work {
  readonly ttl: number;
  readonly timeout: number | null;
  readonly ms: number;
}

/** The clients of all sites at work at once. */
export async function measureSites(
  laboratory: Laboratory,
  situation: Situation,
  work: Work,
): Promise<SiteFigures[]> {
  const { layout } = laboratory;
  const helpers = await Promise.all(
    SITES.map((site) => startHelper('acquireAfar', { nodes: laboratory.addresses(site), ...work })),
  );
  const end = await situation.begin(laboratory);
  const outputs = await runTogether(helpers, work.ms + 30_000);
  await end();
  await Promise.all(helpers.map((helper) => helper[Symbol.asyncDispose]()));
  if (outputs.length < helpers.length) throw new Error(`A site hangs: ${situation.name}`);
  const quorum = Math.floor(layout.length / 2) + 1;
  return outputs.map(({ roundTrips, acquired, refused, nodeFailures }, index) => {
    const site = SITES[index] ?? 'A';
    const within = roundTrips.filter((_, node) => situation.reaches(site, layout[node] ?? site));
    return {
      site,
      situation: situation.name,
      quorumRoundTrip: within.toSorted((a, b) => a - b)[quorum - 1] ?? null,
      locks: acquired.length,
      median: quantileOf(acquired, 0.5),
      p99: quantileOf(acquired, 0.99),
      refusals: refused.length,
      refusalMedian: quantileOf(refused, 0.5),
      nodeFailures,
    };
  });
}

function quantileOf(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted.length === 0 ? null : quantile(sorted, share);
}
