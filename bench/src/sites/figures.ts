import { withHelpers } from '../helper.js';
import { quorumOf } from '../libraries/by-hand.js';
import type { Progress } from '../run.js';
import { quantile } from '../spread.js';
import { Laboratory, LAYOUT, type Layout, nameOf, type Site, SITES } from './laboratory.js';
import { ALL_UP, cutOff, type Situation, SITUATIONS } from './situation.js';

interface Patience {
  readonly ttl: number;
  readonly timeout: number | null;
}

export interface Plan {
  readonly ms: number;
  readonly situations: readonly Situation[];
  readonly layouts: readonly Layout[];
  readonly patience: readonly Patience[];
  readonly keeping: { readonly ttl: number; readonly ms: number };
}

const TTL = 10_000;

export const FULL: Plan = {
  ms: 4000,
  situations: SITUATIONS,
  layouts: [
    LAYOUT,
    ['A', 'A', 'B', 'C', 'C'],
    ['A', 'B', 'B', 'C', 'C'],
    ['A', 'A', 'A', 'B', 'C'],
    ['A', 'A', 'A', 'B', 'B'],
  ],
  patience: [
    { ttl: TTL, timeout: null },
    { ttl: 1000, timeout: null },
    { ttl: 1000, timeout: 250 },
  ],
  keeping: { ttl: 3000, ms: 6000 },
};

/** Shows that the laboratory works. */
export const QUICK: Plan = {
  ms: 1500,
  situations: SITUATIONS.slice(0, 2),
  layouts: [],
  patience: [],
  keeping: { ttl: 3000, ms: 7000 },
};

export interface Figures {
  readonly situations: readonly SiteFigures[];
  /** By layout: all sites there, then each of them cut off. */
  readonly layouts: readonly { readonly name: string; readonly figures: readonly SiteFigures[] }[];
  /** By ttl and timeout: all sites there, then A cut off. */
  readonly patience: readonly (Patience & { readonly figures: readonly SiteFigures[] })[];
  readonly keeping: readonly KeepingFigures[];
}

/** What the clients of a site measured. All times in ms; null without a value. */
export interface SiteFigures {
  readonly site: Site;
  readonly situation: string;
  /** To the quorum-th nearest of the nodes that are reachable all the time; null: no quorum is. */
  readonly quorumRoundTrip: number | null;
  readonly locks: number;
  readonly median: number | null;
  readonly p99: number | null;
  /** Attempts without a quorum. */
  readonly refusals: number;
  readonly refusalMedian: number | null;
  readonly nodeFailures: number;
}

/** A lock that the clients of a site hold when a site is cut off. Times in ms from then. */
interface KeepingFigures {
  readonly site: Site;
  readonly lostAfter: number | null;
  /** Until a client of the first other site had it. */
  readonly passedOnAfter: number | null;
}

export async function measure(plan: Plan, progress: Progress): Promise<Figures> {
  await using laboratory = await Laboratory.open(LAYOUT);
  const among = async (
    place: Laboratory,
    situations: readonly Situation[],
    patience: Patience = { ttl: TTL, timeout: null },
  ): Promise<SiteFigures[]> => {
    const figures: SiteFigures[] = [];
    for (const situation of situations) {
      progress(`${nameOf(place.layout)}, ttl ${patience.ttl}: ${situation.name}`);
      figures.push(...(await measureSites(place, situation, { ...patience, ms: plan.ms })));
    }
    return figures;
  };
  const situations = await among(laboratory, plan.situations);
  const patience: Figures['patience'][number][] = [];
  for (const one of plan.patience) {
    patience.push({ ...one, figures: await among(laboratory, [ALL_UP, cutOff('A')], one) });
  }
  progress('held locks');
  const keeping = await measureKeeping(laboratory, 'C', plan.keeping);
  const layouts: Figures['layouts'][number][] = [];
  for (const layout of plan.layouts) {
    await using other = await Laboratory.open(layout);
    const figures = await among(other, [ALL_UP, ...SITES.map(cutOff)]);
    layouts.push({ name: nameOf(layout), figures });
  }
  return { situations, layouts, patience, keeping };
}

/** The clients of all sites at work at once. */
async function measureSites(
  laboratory: Laboratory,
  situation: Situation,
  work: Patience & { readonly ms: number },
): Promise<SiteFigures[]> {
  const { layout } = laboratory;
  const inputs = SITES.map((site) => ({ nodes: laboratory.addresses(site), ...work }));
  const outputs = await withHelpers('acquireAfar', inputs, async (run) => {
    const end = await situation.begin(laboratory);
    const results = await run(work.ms + 30_000);
    await end();
    return results;
  });
  return outputs.map(({ roundTrips, acquired, refused, nodeFailures }, index) => {
    const site = SITES[index] ?? 'A';
    const within = roundTrips.filter((_, node) => situation.reaches(site, layout[node] ?? site));
    return {
      site,
      situation: situation.name,
      quorumRoundTrip: within.toSorted((a, b) => a - b)[quorumOf(layout) - 1] ?? null,
      locks: acquired.length,
      median: orNull(acquired, 0.5),
      p99: orNull(acquired, 0.99),
      refusals: refused.length,
      refusalMedian: orNull(refused, 0.5),
      nodeFailures,
    };
  });
}

function orNull(values: readonly number[], share: number): number | null {
  return values.length === 0 ? null : quantile(values, share);
}

/** Each site holds a lock with automatic extension. The first that stays waits for that of the lost one. */
async function measureKeeping(
  laboratory: Laboratory,
  lost: Site,
  { ttl, ms }: Plan['keeping'],
): Promise<KeepingFigures[]> {
  const heir = SITES.find((site) => site !== lost);
  const inputs = SITES.map((site) => ({
    ttl,
    ms,
    nodes: laboratory.addresses(site),
    holds: `of ${site}`,
    wants: site === heir ? `of ${lost}` : null,
  }));
  const outputs = await withHelpers('keepAfar', inputs, async (run) => {
    const end = await cutOff(lost).begin(laboratory);
    const results = await run(ms + 30_000);
    await end();
    return results;
  });
  const passedOn = outputs.find(({ gotAfter }) => gotAfter !== null)?.gotAfter ?? null;
  return outputs.map(({ lostAfter }, index) => {
    const site = SITES[index] ?? lost;
    return { site, lostAfter, passedOnAfter: site === lost ? passedOn : null };
  });
}
