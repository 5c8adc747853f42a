import { readFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { serverVersion } from 'test-kit';
import { runJob } from '../helper.js';
import { installedVersion } from '../installation.js';
import { COMPARED } from '../roster.js';
import { DOCS, type Run } from '../run.js';
import { markdownTable } from '../table.js';
import { TRIALS } from './index.js';
import { type Outcome, showOutcome, VERDICTS } from './outcome.js';
import type { Trial } from './trial.js';
import type { LibraryName } from './try-library.js';

const PAGE = 'comparison.md';
const BEGIN = '<!-- written by pnpm bench trials: begin -->';
const END = '<!-- written by pnpm bench trials: end -->';

/** What the libraries did in a trial, in the order of the roster. */
interface Row {
  readonly trial: Trial;
  readonly outcomes: readonly Outcome[];
}

/** Runs trials, all libraries side by side, and prints the table. If all trials run, writes it into the page. */
export async function writeTrials(run: Run, keys: readonly string[]): Promise<void> {
  const names = Object.keys(COMPARED) as LibraryName[];
  const libraries = run.quick ? names.slice(0, 1) : names;
  const [load = NaN] = loadavg();
  const rows: Row[] = [];
  for (const trial of TRIALS.filter(({ key }) => keys.length === 0 || keys.includes(key))) {
    const outcomes = libraries.map((name) => tryLibrary(run, trial, name));
    rows.push({ trial, outcomes: await Promise.all(outcomes) });
  }
  const software = `${(await versions()).join(', ')}; ${await serverVersion()}.`;
  const stamp = `${run.stamp()} ${software} Load average ${load.toFixed(1)} at the beginning.`;
  const text = trialSection(stamp, libraries, rows);
  // Loaded for a run only: it opens the standard input, which tests of this page would leave behind.
  const { format } = await import('prettier');
  console.log(await format(text, { parser: 'markdown' }));
  if (keys.length > 0) return;
  const page = withSection(await readFile(`${DOCS}${PAGE}`, 'utf8'), text);
  await run.write({ [PAGE]: await format(page, { parser: 'markdown' }) });
}

const LIMIT = 120_000;

/** In a separate process, because a library may hang or end it. */
async function tryLibrary(run: Run, { key }: Trial, library: LibraryName): Promise<Outcome> {
  const outcome = await runJob('tryLibrary', { trial: key, library }, LIMIT).catch((): Outcome => ({
    verdict: 'process ended',
  }));
  run.progress(`${key}, ${library}: ${showOutcome(outcome)}`);
  return outcome;
}

/** Each library with its installed version, and the client that all of them use. */
export async function versions(): Promise<string[]> {
  const libraries = Object.entries(COMPARED).map(([name, one]) => [name, one.package] as const);
  return Promise.all(
    [...libraries, ['ioredis', 'ioredis'] as const].map(
      async ([name, installed]) => `${name} ${await installedVersion(installed)}`,
    ),
  );
}

/** The part of the page that the command writes: the table, what the words mean, what the trials do. */
export function trialSection(
  stamp: string,
  libraries: readonly string[],
  rows: readonly Row[],
): string {
  const header = ['trial', ...libraries];
  const cells = rows.map(({ trial, outcomes }) => [trial.name, ...outcomes.map(showOutcome)]);
  const seen = new Set<string>(
    rows.flatMap(({ outcomes }) => outcomes.map(({ verdict }) => verdict)),
  );
  const words = Object.entries(VERDICTS).filter(([verdict]) => seen.has(verdict));
  return [
    stamp,
    markdownTable(
      header,
      cells,
      header.map(() => '-'),
    ),
    '### What the words mean',
    words.map(([verdict, meaning]) => `- **${verdict}**: ${meaning}.`).join('\n'),
    '### What each trial does',
    rows.map(({ trial }) => `- **${trial.name}**: ${trial.procedure}`).join('\n'),
  ].join('\n\n');
}

/** The page with another section in the place of the one that it has. */
export function withSection(page: string, text: string): string {
  const [before, rest = ''] = page.split(BEGIN);
  const [, after] = rest.split(END);
  if (before === undefined || after === undefined) {
    throw new Error(`The page has no place for the table, between ${BEGIN} and ${END}`);
  }
  return [before, BEGIN, '\n\n', text, '\n\n', END, after].join('');
}
