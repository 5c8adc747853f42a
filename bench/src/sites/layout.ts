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
