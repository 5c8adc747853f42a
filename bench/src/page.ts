import type { Chapter, Column, Table } from './chapter.js';
import { barChart, type Bar } from './chart.js';
import { CHAPTERS } from './chapters/index.js';
import { type Figure, showFigure, type Spread } from './figure.js';
import type { Measured, Result } from './result.js';

type PageName = Chapter['page'];

interface Page {
  readonly title: string;
  readonly introduction: readonly string[];
  /** The picture, of the results of a chapter. */
  readonly picture?: {
    readonly chapter: string;
    readonly caption: string;
    draw(tables: readonly Table[]): string;
  };
}

export const PAGES: Readonly<Record<PageName, Page>> = {
  bench: {
    title: 'Bench',
    introduction: [
      'Fresh servers on the same machine, five where nothing else is said, `appendonly no`, `save ""`; each library has its own connections to them, with the client\'s default options; ttl 10 s; clients and servers share the cores.',
      '"By hand" is no lock: two rounds over ioredis, SET NX PX and a compare-and-delete script, each awaited for a quorum, without votes, timeouts, validity or clean-up. "By hand, again" is the same once more: the difference between the two is noise, which the header of a ratio shows.',
    ],
    picture: {
      chapter: 'throughput',
      caption: 'Locks per second at 64 and 512 workers',
      draw: drawThroughput,
    },
  },
  sites: {
    title: 'Three sites',
    introduction: [
      'Five servers, two in A, two in B and one in C, and clients in each site; between them a proxy for each site and node, which passes everything on half a round trip later. Round trips: A–B 10 ms, A–C 40 ms, B–C 80 ms. A site that is cut off is silent: nothing is refused, nothing is closed. ttl 10 s and default options where nothing else is said; all times in ms.',
    ],
    picture: {
      chapter: 'sites',
      caption: 'Acquire beside the round trip to the third nearest node',
      draw: drawSites,
    },
  },
  trials: { title: 'Trials', introduction: [] },
};

/** The Markdown of a page, and its picture. The figures of former chapters come last. */
export function renderPage(
  name: PageName,
  results: readonly Result[],
): { readonly markdown: string; readonly picture: string | null } {
  const { title, introduction, picture } = PAGES[name];
  const resultOf = (chapter: string): Result | undefined =>
    results.find((result) => result.chapter === chapter);
  const chapters = CHAPTERS.filter(({ page }) => page === name).map((chapter) => chapter.name);
  const current = chapters.map(resultOf).filter((result) => result !== undefined);
  const former = results.filter(({ chapter }) => !CHAPTERS.some((one) => one.name === chapter));
  const drawn = picture && resultOf(picture.chapter);
  const text = [
    `# ${title}`,
    ...introduction,
    ...(picture && drawn ? [`![${picture.caption}](${name}.svg)`] : []),
    ...current.flatMap((result) => renderResult(result)),
    ...(name === 'bench' ? former.flatMap((result) => renderResult(result, FORMER)) : []),
  ].join('\n\n');
  return { markdown: text, picture: picture && drawn ? picture.draw(drawn.tables) : null };
}

const FORMER = 'The chapter has been removed since.';

export function renderResult({ measured, tables }: Result, note = ''): string[] {
  const stamp = `${renderMeasured(measured)} ${note}`.trim();
  return tables.flatMap((table) => [
    `## ${table.title}`,
    stamp,
    table.explanation,
    renderTable(table),
  ]);
}

function renderMeasured(measured: Measured): string {
  const { command, date, minutes, commit, node, servers, machine, load, libraries } = measured;
  const versions = Object.entries(libraries).map(([name, version]) => `${name} ${version}`);
  return [
    `Written by \`${command}\`, on ${date}`,
    ...(minutes === null ? [] : [`, in ${minutes} minutes`]),
    ...(commit === null ? [] : [`, of ${commit}`]),
    `. Node ${node}; ${servers}; ${machine}`,
    ...(load === null ? [] : [`, load average ${load} at the beginning`]),
    ...(versions.length === 0 ? [] : [`; ${versions.join(', ')}`]),
    '.',
  ].join('');
}

function renderTable({ columns, rows }: Table): string {
  const headings = columns.map((column) => renderHeading(column, rows));
  const rules = columns.map(({ digits }) => (digits === undefined ? '-' : '-:'));
  const cells = rows.map(({ name, figures }) => [
    name,
    ...columns.map(({ key, digits }) => showFigure(figures[key] ?? null, digits)),
  ]);
  return [['', ...headings], ['-', ...rules], ...cells]
    .map((line) => `| ${line.join(' | ')} |`)
    .join('\n');
}

function renderHeading({ key, heading, digits, noise }: Column, rows: Table['rows']): string {
  const copy = rows.find(({ name }) => name === noise);
  return copy ? `${heading} (noise: ${showFigure(copy.figures[key] ?? null, digits)})` : heading;
}

function drawThroughput(tables: readonly Table[]): string {
  const series = tables
    .filter(({ title }) => title.includes('new resource'))
    .map(({ title, rows }) => ({
      label: /\d+ workers/.exec(title)?.[0] ?? title,
      bars: rows.map(({ name, figures }) => ({ name, spread: spreadIn(figures['locks']) })),
    }));
  return barChart(
    'Locks per second, five servers, new resources (median; line: min to max)',
    series,
  );
}

/** For each site and situation in which it has a quorum. */
function drawSites(tables: readonly Table[]): string {
  const rows = tables[0]?.rows ?? [];
  const barsOf = (from: string, to: string): Bar[] =>
    rows.flatMap(({ name, figures }) => {
      const [median, max] = [figures[from], figures[to]];
      if (typeof median !== 'number' || typeof max !== 'number') return [];
      if (typeof figures['roundTrip'] !== 'number' || figures['acquire'] === null) return [];
      const [situation = '', site = ''] = name.split(': ');
      const short = `${site}: ${situation.split(',')[0]}`;
      return [{ name: short, spread: { median, min: median, max } }];
    });
  return barChart('To acquire a lock, in ms (median; line: to the 99th percentile)', [
    { label: 'round trip, 3rd node', bars: barsOf('roundTrip', 'roundTrip') },
    { label: 'acquire', bars: barsOf('acquire', 'p99') },
  ]);
}

function spreadIn(figure: Figure | undefined): Spread {
  if (typeof figure === 'object' && figure !== null && 'median' in figure) return figure;
  throw new Error('The figure is not a spread');
}
