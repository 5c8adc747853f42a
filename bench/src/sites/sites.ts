import {
  type Chapter,
  type Column,
  type Context,
  type Row,
  type Table,
  tableOf,
} from '../chapter.js';
import { quantile } from '../figure.js';
import { quorumOf } from '../libraries/clients.js';
import { TTL } from '../libraries/library.js';
import { Caller } from './caller.js';
import {
  ALL_UP,
  cutOff,
  flapping,
  Laboratory,
  type Layout,
  ONE_WAY,
  SITES,
  type Situation,
} from './laboratory.js';

const LAYOUT: Layout = ['A', 'A', 'B', 'B', 'C'];
const CUTS = SITES.toReversed().map(cutOff);

const LIMITS = [
  { ttl: TTL, timeout: null },
  { ttl: 1000, timeout: null },
  { ttl: 1000, timeout: 250 },
];
const LAYOUTS: readonly Layout[] = [
  LAYOUT,
  ['A', 'A', 'B', 'C', 'C'],
  ['A', 'B', 'B', 'C', 'C'],
  ['A', 'A', 'A', 'B', 'C'],
  ['A', 'A', 'A', 'B', 'B'],
];

/** Some situations of one set of sites, with a row for each and the clients of each site. */
interface Series {
  /** Before the names of the situations. */
  readonly label?: string;
  readonly layout?: Layout;
  readonly situations: readonly Situation[];
  readonly ttl?: number;
  /** Of each node; null: the core's default. */
  readonly timeout?: number | null;
}

const SITUATIONS: readonly Series[] = [
  { situations: [ALL_UP, ...CUTS, ONE_WAY, flapping('C'), flapping('B')] },
];

const BY_LAYOUT = LAYOUTS.map((layout): Series => ({
  label: `${SITES.map((site) => layout.filter((place) => place === site).length).join('+')}, `,
  layout,
  situations: [ALL_UP, ...CUTS.toReversed()],
}));

const BY_LIMITS = LIMITS.map(({ ttl, timeout }): Series => ({
  // The default is 5% of the ttl, within bounds that none of these touches.
  label: `ttl ${ttl} ms, timeout ${timeout === null ? `by default (${ttl / 20} ms)` : `${timeout} ms`}, `,
  situations: [ALL_UP, cutOff('A')],
  ttl,
  timeout,
}));

const FULL = { ms: 4000, keepMs: 6000, situations: SITUATIONS };
const SHORT = { ms: 1500, keepMs: 7000, situations: [{ situations: [ALL_UP, cutOff('C')] }] };

/** Locks over three sites. */
export const sites: Chapter = {
  name: 'sites',
  measures: 'locks over three sites, of which some are cut off',
  page: 'sites',
  run: async (context) => {
    const { situations } = context.short ? SHORT : FULL;
    const tables = [
      await seriesTable(
        context,
        'Situations',
        'The clients of each site acquire and release, one lock at a time, a new resource each time. The round trip is that of a PING to the third nearest of the nodes that the site reaches all the time, measured before. "Too few nodes" are attempts with `wait: 0` that rejected with QuorumError, and how long that took. "Failures" are reports of nodes that failed.',
        situations,
      ),
      await heldTable(context),
    ];
    if (context.short) return tables;
    return [
      ...tables,
      await seriesTable(
        context,
        'Where the nodes are',
        'The same with so many nodes in A, B and C.',
        BY_LAYOUT,
      ),
      await seriesTable(
        context,
        'What a node may take',
        'The same with other limits. A node that takes longer than its timeout is reported as failed and does not count.',
        BY_LIMITS,
      ),
    ];
  },
};

const COLUMNS: readonly Column[] = [
  { key: 'roundTrip', heading: 'round trip, 3rd node', digits: 1 },
  { key: 'acquire', heading: 'acquire', digits: 1 },
  { key: 'p99', heading: 'p99', digits: 1 },
  { key: 'locks', heading: 'locks', digits: 0 },
  { key: 'refusals', heading: 'too few nodes', digits: 0 },
  { key: 'refusal', heading: 'reported after', digits: 1 },
  { key: 'failures', heading: 'failures', digits: 0 },
];

async function seriesTable(
  { short, progress }: Context,
  title: string,
  explanation: string,
  all: readonly Series[],
): Promise<Table> {
  const rows: Row[] = [];
  for (const series of all) {
    await using laboratory = await Laboratory.open(series.layout ?? LAYOUT);
    for (const situation of series.situations) {
      const name = `${series.label ?? ''}${situation.name}`;
      progress(`sites: ${name}`);
      rows.push(...(await measure(laboratory, name, situation, series, short)));
    }
  }
  return tableOf(title, explanation, COLUMNS, rows);
}

/** The clients of all sites at work at once: a row for each site. */
async function measure(
  laboratory: Laboratory,
  name: string,
  situation: Situation,
  { ttl = TTL, timeout = null }: Series,
  short: boolean,
): Promise<Row[]> {
  const { layout } = laboratory;
  const callers = await Promise.all(
    SITES.map((site) => Caller.open(laboratory.addresses(site), ttl, timeout)),
  );
  await Promise.all(callers.map((caller) => caller.warmUp()));
  const ended = new AbortController();
  const happening = situation.happen(laboratory, ended.signal);
  const results = await Promise.all(
    callers.map((caller) => caller.work((short ? SHORT : FULL).ms)),
  );
  ended.abort();
  await happening;
  for (const caller of callers) caller.close();
  return results.map(({ acquired, refused, nodeFailures }, index) => {
    const site = SITES[index] ?? 'A';
    const trips = callers[index]?.roundTrips ?? [];
    const within = trips.filter((_, node) => situation.reaches(site, layout[node] ?? site));
    const figures = {
      roundTrip: within.toSorted((a, b) => a - b)[quorumOf(layout) - 1] ?? null,
      acquire: orNull(acquired, 0.5),
      p99: orNull(acquired, 0.99),
      locks: acquired.length,
      refusals: refused.length,
      refusal: orNull(refused, 0.5),
      failures: nodeFailures,
    };
    return { name: `${name}: ${site}`, figures };
  });
}

function orNull(values: readonly number[], share: number): number | null {
  return values.length === 0 ? null : quantile(values, share);
}

const KEEP_TTL = 3000;
const [HEIR, , LOST] = SITES;

/** Each site holds a lock with automatic extension. Another site waits for that of the lost one. */
async function heldTable({ short, progress }: Context): Promise<Table> {
  progress('sites: held locks');
  await using laboratory = await Laboratory.open(LAYOUT);
  const ms = (short ? SHORT : FULL).keepMs;
  const callers = await Promise.all(
    SITES.map((site) => Caller.open(laboratory.addresses(site), KEEP_TTL)),
  );
  const holds = await Promise.all(
    callers.map((caller, index) => caller.hold(`of ${SITES[index]}`)),
  );
  const ended = new AbortController();
  const happening = cutOff(LOST).happen(laboratory, ended.signal);
  const [passed, ...lost] = await Promise.all([
    callers[SITES.indexOf(HEIR)]?.waitFor(`of ${LOST}`, ms) ?? null,
    ...holds.map((lossWithin) => lossWithin(ms)),
  ]);
  ended.abort();
  await happening;
  for (const caller of callers) caller.close();
  return tableOf(
    'Locks that are held when C is cut off',
    `Each site holds a lock, ttl ${KEEP_TTL} ms, with automatic extension; from the moment C is cut off a client of A waits for that of C. Watched for ${ms} ms. – is not lost.`,
    [
      { key: 'lost', heading: 'lost after', digits: 0 },
      { key: 'passed', heading: "another's after", digits: 0 },
    ],
    SITES.map((site, index) => ({
      name: `held in ${site}`,
      figures: { lost: lost[index] ?? null, passed: site === LOST ? passed : null },
    })),
  );
}
