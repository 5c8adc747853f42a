import type { Progress } from '../progress.js';
import { type KeepingFigures, measureKeeping } from './keeping-figures.js';
import { Laboratory } from './laboratory.js';
import { LAYOUT, type Layout, nameOf, SITES } from './layout.js';
import { measureSites, type SiteFigures } from './site-figures.js';
import { ALL_UP, cutOff, type Situation, SITUATIONS } from './situation.js';

export interface Plan {
  readonly ms: number;
  readonly situations: readonly Situation[];
  readonly layouts: readonly Layout[];
  readonly patience: readonly Patience[];
  readonly keeping: { readonly ttl: number; readonly ms: number };
}

export interface Patience {
  readonly ttl: number;
  readonly timeout: number | null;
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

/** To see that the laboratory works. */
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

export async function measure(plan: Plan, progress: Progress): Promise<Figures> {
  await using laboratory = await Laboratory.open(LAYOUT);
  const among = async (
    place: Laboratory,
    situations: readonly Situation[],
    { ttl, timeout }: Patience = { ttl: TTL, timeout: null },
  ): Promise<SiteFigures[]> => {
    const figures: SiteFigures[] = [];
    for (const situation of situations) {
      progress(`${nameOf(place.layout)}, ttl ${ttl}: ${situation.name}`);
      figures.push(...(await measureSites(place, situation, { ttl, timeout, ms: plan.ms })));
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
