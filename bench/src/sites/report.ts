import { barChart } from '../chart.js';
import { section } from '../section.js';
import { show } from '../spread.js';
import type { Figures, Patience, Plan } from './figures.js';
import { roundTripBetween, type Site, SITES } from './layout.js';
import type { SiteFigures } from './site-figures.js';

const NONE = '–';

/** What was measured, as Markdown. */
export function report(figures: Figures, plan: Plan, heading: string): string {
  return [
    heading,
    situations(figures),
    keeping(figures, plan),
    ...(figures.layouts.length > 0 ? [layouts(figures)] : []),
    ...(figures.patience.length > 0 ? [patience(figures)] : []),
  ].join('\n\n');
}

/** For each site and situation in which it has a quorum. */
export function chart({ situations: rows }: Figures): string {
  const bars = rows.flatMap(({ site, situation, quorumRoundTrip, median, p99 }) => {
    if (quorumRoundTrip === null || median === null || p99 === null) return [];
    const [short] = situation.split(',');
    return [{ name: `${site}: ${short}`, quorumRoundTrip, median, p99 }];
  });
  return barChart('To acquire a lock, in ms (median; line: to the 99th percentile)', [
    {
      label: 'round trip, 3rd node',
      bars: bars.map(({ name, quorumRoundTrip: value }) => ({
        name,
        spread: { median: value, min: value, max: value },
      })),
    },
    {
      label: 'acquire',
      bars: bars.map(({ name, median, p99 }) => ({
        name,
        spread: { median, min: median, max: p99 },
      })),
    },
  ]);
}

function situations({ situations: rows }: Figures): string {
  return section(
    'Situations',
    'The clients of each site acquire and release, one lock at a time, a new resource each time. The round trip is that of a PING to the third nearest of the nodes that the site reaches all the time, measured before. "Too few nodes" are attempts with `wait: 0` that rejected with QuorumError, and how long that took.',
    ['', 'round trip, 3rd node', 'acquire', 'p99', 'locks', 'too few nodes', 'told after'],
    rows.map((row) => [
      `${row.situation}: ${row.site}`,
      ms(row.quorumRoundTrip),
      ms(row.median),
      ms(row.p99),
      show(row.locks, 0),
      show(row.refusals, 0),
      ms(row.refusalMedian),
    ]),
  );
}

function keeping({ keeping: rows }: Figures, { keeping: plan }: Plan): string {
  return section(
    'Locks that are held when C is cut off',
    `Each site holds a lock, ttl ${plan.ttl} ms, with automatic extension; from the moment C is cut off a client of A waits for that of C. Watched for ${plan.ms} ms.`,
    ['held in', 'lost after', "another's after"],
    rows.map(({ site, lostAfter, passedOnAfter }) => [
      site,
      lostAfter === null ? 'not lost' : show(lostAfter, 0),
      passedOnAfter === null ? NONE : show(passedOnAfter, 0),
    ]),
  );
}

function layouts({ layouts: rows }: Figures): string {
  return section(
    'Where the nodes are',
    'Nodes in A, B and C; median of acquire for the clients of A / B / C. – is no quorum.',
    ['nodes', ...situationsOf(rows[0]?.figures ?? [])],
    rows.map(({ name, figures }) => [
      name,
      ...situationsOf(figures).map((situation) => {
        const medians = SITES.map((site) => medianIn(figures, situation, site));
        return medians.map((median) => (median === null ? NONE : show(median, 0))).join(' / ');
      }),
    ]),
  );
}

function patience({ patience: rows }: Figures): string {
  return section(
    'What a node may take',
    `Round trips are up to ${roundTripBetween('B', 'C')} ms. A node that takes longer than its timeout is reported as failed and does not count.`,
    ['', 'B, all there: acquire', 'reported as failed', 'B, A cut off: acquire', 'too few nodes'],
    rows.map((row) => {
      const [there, alone] = row.figures.filter(({ site }) => site === 'B');
      return [
        `ttl ${row.ttl} ms, timeout ${timeoutOf(row)}`,
        ms(there?.median ?? null),
        show(there?.nodeFailures ?? 0, 0),
        ms(alone?.median ?? null),
        `${alone?.refusals ?? 0} of ${(alone?.refusals ?? 0) + (alone?.locks ?? 0)}`,
      ];
    }),
  );
}

function situationsOf(figures: readonly SiteFigures[]): string[] {
  return [...new Set(figures.map(({ situation }) => situation))];
}

/** The default is 5% of the ttl, within bounds that none of these touches. */
function timeoutOf({ ttl, timeout }: Patience): string {
  return timeout === null ? `by default (${ttl / 20} ms)` : `${timeout} ms`;
}

function medianIn(figures: readonly SiteFigures[], situation: string, site: Site): number | null {
  return figures.find((row) => row.situation === situation && row.site === site)?.median ?? null;
}

function ms(value: number | null): string {
  return value === null ? NONE : show(value, 1);
}
