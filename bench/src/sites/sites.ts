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
  type Site,
  SITES,
  type Situation,
} from './laboratory.js';

const LAYOUT: Layout = ['A', 'A', 'B', 'B', 'C'];
const CUTS = SITES.toReversed().map(cutOff);

const FULL = {
  ms: 4000,
  situations: [ALL_UP, ...CUTS, ONE_WAY, flapping('C'), flapping('B')],
  layouts: [
    LAYOUT,
    ['A', 'A', 'B', 'C', 'C'],
    ['A', 'B', 'B', 'C', 'C'],
    ['A', 'A', 'A', 'B', 'C'],
    ['A', 'A', 'A', 'B', 'B'],
  ] as readonly Layout[],
  limits: [
    { ttl: TTL, timeout: null },
    { ttl: 1000, timeout: null },
    { ttl: 1000, timeout: 250 },
  ],
  keepMs: 6000,
};
const SHORT: typeof FULL = {
  ms: 1500,
  situations: [ALL_UP, cutOff('C')],
  layouts: [],
  limits: [],
  keepMs: 7000,
};

/** Locks over three sites. */
export const sites: Chapter = {
  name: 'sites',
  measures: 'locks over three sites, of which some are cut off',
  page: 'sites',
  run: async (context) => {
    await using laboratory = await Laboratory.open(LAYOUT);
    const tables = [
      await situationTable(laboratory, context),
      await heldTable(laboratory, context),
    ];
    if (context.short) return tables;
    return [...tables, await layoutTable(context), await limitTable(laboratory, context)];
  },
};

const COLUMNS: readonly Column[] = [
  { key: 'roundTrip', heading: 'round trip, 3rd node', digits: 1 },
  { key: 'acquire', heading: 'acquire', digits: 1 },
  { key: 'p99', heading: 'p99', digits: 1 },
  { key: 'locks', heading: 'locks', digits: 0 },
  { key: 'refusals', heading: 'too few nodes', digits: 0 },
  { key: 'refusal', heading: 'reported after', digits: 1 },
];

async function situationTable(
  laboratory: Laboratory,
  { short, progress }: Context,
): Promise<Table> {
  const { situations, ms } = short ? SHORT : FULL;
  const rows: Row[] = [];
  for (const situation of situations) {
    progress(`sites: ${situation.name}`);
    rows.push(...(await measure(laboratory, situation, { ms })));
  }
  return tableOf(
    'Situations',
    'The clients of each site acquire and release, one lock at a time, a new resource each time. The round trip is that of a PING to the third nearest of the nodes that the site reaches all the time, measured before. "Too few nodes" are attempts with `wait: 0` that rejected with QuorumError, and how long that took.',
    COLUMNS,
    rows,
  );
}

interface Limits {
  readonly ms: number;
  readonly ttl?: number;
  readonly timeout?: number | null;
}

/** The clients of all sites at work at once: a row for each site. */
async function measure(
  laboratory: Laboratory,
  situation: Situation,
  { ms, ttl = TTL, timeout = null }: Limits,
): Promise<Row[]> {
  const { layout } = laboratory;
  const callers = await Promise.all(
    SITES.map((site) => Caller.open(laboratory.addresses(site), ttl, timeout)),
  );
  await Promise.all(callers.map((caller) => caller.warmUp()));
  const ended = new AbortController();
  const happening = situation.happen(laboratory, ended.signal);
  const results = await Promise.all(callers.map((caller) => caller.work(ms)));
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
      nodeFailures,
    };
    return { name: `${situation.name}: ${site}`, figures };
  });
}

function orNull(values: readonly number[], share: number): number | null {
  return values.length === 0 ? null : quantile(values, share);
}

const KEEP_TTL = 3000;
const [HEIR, , LOST] = SITES;

/** Each site holds a lock with automatic extension. Another site waits for that of the lost one. */
async function heldTable(laboratory: Laboratory, { short, progress }: Context): Promise<Table> {
  progress('sites: held locks');
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

async function layoutTable({ progress }: Context): Promise<Table> {
  const { layouts, ms } = FULL;
  const rows: Row[] = [];
  for (const layout of layouts) {
    const nodes = SITES.map((site) => layout.filter((place) => place === site).length).join('+');
    await using laboratory = await Laboratory.open(layout);
    for (const situation of [ALL_UP, ...CUTS.toReversed()]) {
      progress(`sites: ${nodes}, ${situation.name}`);
      const measured = await measure(laboratory, situation, { ms });
      const acquires = SITES.map((site: Site, index) => [
        site,
        measured[index]?.figures['acquire'],
      ]);
      const name = `${nodes}, ${situation.name}`;
      rows.push({ name, figures: Object.fromEntries(acquires) as Row['figures'] });
    }
  }
  return tableOf(
    'Where the nodes are',
    'Nodes in A, B and C; median of acquire for the clients of each site. – is no quorum.',
    SITES.map((site) => ({ key: site, heading: `clients of ${site}`, digits: 0 })),
    rows,
  );
}

async function limitTable(laboratory: Laboratory, { progress }: Context): Promise<Table> {
  const { limits, ms } = FULL;
  const rows: Row[] = [];
  for (const { ttl, timeout } of limits) {
    // The default is 5% of the ttl, within bounds that none of these touches.
    const limit = timeout === null ? `by default (${ttl / 20} ms)` : `${timeout} ms`;
    const name = `ttl ${ttl} ms, timeout ${limit}`;
    progress(`sites: ${name}`);
    const ofB = async (situation: Situation): Promise<Row['figures']> =>
      (await measure(laboratory, situation, { ttl, timeout, ms }))[SITES.indexOf('B')]?.figures ??
      {};
    const there = await ofB(ALL_UP);
    const alone = await ofB(cutOff('A'));
    const figures = {
      there: there['acquire'] ?? null,
      failures: there['nodeFailures'] ?? null,
      alone: alone['acquire'] ?? null,
      locks: alone['locks'] ?? null,
      refusals: alone['refusals'] ?? null,
    };
    rows.push({ name, figures });
  }
  return tableOf(
    'What a node may take',
    'Round trips are up to 80 ms. A node that takes longer than its timeout is reported as failed and does not count.',
    [
      { key: 'there', heading: 'B, all there: acquire', digits: 1 },
      { key: 'failures', heading: 'reported as failed', digits: 0 },
      { key: 'alone', heading: 'B, A cut off: acquire', digits: 1 },
      { key: 'locks', heading: 'locks', digits: 0 },
      { key: 'refusals', heading: 'too few nodes', digits: 0 },
    ],
    rows,
  );
}
