import { type Chapter, type Table, tableOf } from '../chapter.js';
import { showFigure } from '../figure.js';
import type { Library } from '../libraries/library.js';
import { OURS, TRIED } from '../libraries/roster.js';
import { runJob } from '../worker.js';
import { TRIALS } from './roster.js';
import type { Trial } from './trial.js';
import { type Outcome, outcomeOf, VERDICTS } from './verdicts.js';

const EXPLANATION = `The same faults, on real servers, for all libraries. Each library runs in a process and on servers of its own, with the trial's proxies between them. All run side by side on one machine, so a figure of a few tens of ms is rough, and so is a ratio between such figures.

- The clients are ioredis with its default options, unless the trial's name says "client timeout". By default, ioredis waits for an unresponsive server without end.
- The libraries have their default settings. A call that tries once has \`wait: 0\`, \`retryCount: 0\`, \`acquireAttemptsLimit: 1\` or \`retryAttempts: 0\`.
- redis-semaphore extends locks by default. Trials that need a lock without extension set \`refreshInterval: 0\`.
- The quorum is more than half of the nodes for all libraries.`;

/** The same faults for redlock-core and other libraries. */
export const trials: Chapter = {
  name: 'trials',
  measures: 'the same faults for redlock-core and other libraries',
  page: 'trials',
  parts: TRIALS.map(({ key }) => key),
  run: async ({ short, parts, progress }) => {
    const libraries = short ? [OURS] : TRIED;
    const rows: TrialRow[] = [];
    for (const trial of TRIALS.filter(({ key }) => parts.length === 0 || parts.includes(key))) {
      // Side by side: each has its own servers.
      const outcomes = libraries.map(async (library) => {
        const outcome = await tryOne(trial, library);
        progress(`${trial.key}, ${library.name}: ${showFigure(outcome)}`);
        return [library.name, outcome] as const;
      });
      rows.push({ trial, outcomes: Object.fromEntries(await Promise.all(outcomes)) });
    }
    return trialTables(rows);
  },
};

interface TrialRow {
  readonly trial: Trial;
  /** By library. */
  readonly outcomes: Readonly<Record<string, Outcome>>;
}

/** What was seen, what its words mean, and what was done. */
export function trialTables(rows: readonly TrialRow[]): Table[] {
  const libraries = Object.keys(rows[0]?.outcomes ?? {});
  const seen = rows.flatMap(({ outcomes }) => Object.values(outcomes).map((one) => one.verdict));
  return [
    tableOf(
      'Outcomes',
      EXPLANATION,
      libraries.map((name) => ({ key: name, heading: name })),
      rows.map(({ trial, outcomes }) => ({ name: trial.name, figures: outcomes })),
    ),
    tableOf(
      'What the words mean',
      'Of each outcome, the first word.',
      [{ key: 'meaning', heading: 'meaning' }],
      Object.entries(VERDICTS).flatMap(([name, meaning]) =>
        seen.some((verdict) => verdict === name) ? [{ name, figures: { meaning } }] : [],
      ),
    ),
    tableOf(
      'What each trial does',
      'And what is watched.',
      [{ key: 'procedure', heading: 'procedure' }],
      rows.map(({ trial: { name, procedure } }) => ({ name, figures: { procedure } })),
    ),
  ];
}

const LIMIT = 120_000;

/** In a separate process, because a library may hang or end it. */
async function tryOne({ key }: Trial, { name }: Library): Promise<Outcome> {
  return runJob('tryLibrary', { trial: key, library: name }, LIMIT).catch(() =>
    outcomeOf('process ended'),
  );
}
