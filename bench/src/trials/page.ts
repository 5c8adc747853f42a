import { loadavg } from 'node:os';
import { serverVersion } from 'test-kit';
import { runJob } from '../helper.js';
import { installedVersion } from '../installation.js';
import { COMPARED } from '../roster.js';
import type { Run } from '../run.js';
import { markdownTable } from '../table.js';
import { TRIALS } from './index.js';
import { type Outcome, showOutcome, VERDICTS } from './outcome.js';
import type { Trial } from './trial.js';
import type { LibraryName } from './try-library.js';

const SETUP = `The same faults, on real servers, for all libraries. Each library runs in a process and on servers of its own, with the trial's proxies between them. All run side by side on one machine, so a figure of a few tens of ms is rough, and so is a ratio between such figures.

- The clients are ioredis with its default options, unless the trial's name says "client timeout". By default, ioredis waits for an unresponsive server without end.
- The libraries have their default settings. A call that tries once has \`wait: 0\`, \`retryCount: 0\`, \`acquireAttemptsLimit: 1\` or \`retryAttempts: 0\`.
- redis-semaphore extends locks by default. Trials that need a lock without extension set \`refreshInterval: 0\`.
- The quorum is more than half of the nodes for all libraries.`;

/** What the libraries did in a trial, in the order of the roster. */
interface Row {
  readonly trial: Trial;
  readonly outcomes: readonly Outcome[];
}

/** Runs trials, all libraries side by side, and prints the page. If all trials run, writes it. */
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
  const text = trialPage(stamp, libraries, rows);
  // Loaded for a run only: it opens the standard input, which tests of this page would leave behind.
  const { format } = await import('prettier');
  const page = await format(text, { parser: 'markdown' });
  console.log(page);
  if (keys.length === 0) await run.write({ 'trials.md': page });
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

/** The set-up, the table, what the words mean and what the trials do. */
export function trialPage(
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
    '# Trials',
    stamp,
    SETUP,
    markdownTable(
      header,
      cells,
      header.map(() => '-'),
    ),
    '## What the words mean',
    words.map(([verdict, meaning]) => `- **${verdict}**: ${meaning}.`).join('\n'),
    '## What each trial does',
    rows.map(({ trial }) => `- **${trial.name}**: ${trial.procedure}`).join('\n'),
  ].join('\n\n');
}
