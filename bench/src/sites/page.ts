import { format } from 'prettier';
import { barChart } from '../chart.js';
import type { Run } from '../run.js';
import { show } from '../spread.js';
import { section } from '../table.js';
import { type Figures, FULL, measure, type Plan, QUICK, type SiteFigures } from './figures.js';
import { roundTripBetween, type Site, SITES } from './laboratory.js';

/** Measures locks over three sites, prints the page and writes it. */
export async function writeSites(run: Run): Promise<void> {
  const plan = run.quick ? QUICK : FULL;
  const figures = await measure(plan, run.progress);
  const text = [
    '# Three sites',
    `${run.stamp()} Five servers, two in A, two in B and one in C, and a client process for each site; between them a proxy for each site and node, which passes everything on half a round trip later. Round trips: A–B ${roundTripBetween('A', 'B')} ms, A–C ${roundTripBetween('A', 'C')} ms, B–C ${roundTripBetween('B', 'C')} ms. A site that is cut off is silent: nothing is refused, nothing is closed. ttl 10 s and default options where nothing else is said; all times in ms.`,
    '![Acquire beside the round trip to the third nearest node](sites.svg)',
    situations(figures),
    keeping(figures, plan),
    ...(figures.layouts.length > 0 ? [layouts(figures)] : []),
    ...(figures.patience.length > 0 ? [patience(figures)] : []),
  ].join('\n\n');
  const markdown = await format(text, { parser: 'markdown' });
  console.log(markdown);
  await run.write({ 'sites.md': markdown, 'sites.svg': chart(figures) });
}

/** For each site and situation in which it has a quorum. */
function chart({ situations: rows }: Figures): string {
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
      show(row.quorumRoundTrip, 1),
      show(row.median, 1),
      show(row.p99, 1),
      show(row.locks, 0),
      show(row.refusals, 0),
      show(row.refusalMedian, 1),
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
      show(passedOnAfter, 0),
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
        return medians.map((median) => show(median, 0)).join(' / ');
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
        show(there?.median ?? null, 1),
        show(there?.nodeFailures ?? 0, 0),
        show(alone?.median ?? null, 1),
        `${alone?.refusals ?? 0} of ${(alone?.refusals ?? 0) + (alone?.locks ?? 0)}`,
      ];
    }),
  );
}

function situationsOf(figures: readonly SiteFigures[]): string[] {
  return [...new Set(figures.map(({ situation }) => situation))];
}

/** The default is 5% of the ttl, within bounds that none of these touches. */
function timeoutOf({ ttl, timeout }: Plan['patience'][number]): string {
  return timeout === null ? `by default (${ttl / 20} ms)` : `${timeout} ms`;
}

function medianIn(figures: readonly SiteFigures[], situation: string, site: Site): number | null {
  return figures.find((row) => row.situation === situation && row.site === site)?.median ?? null;
}
