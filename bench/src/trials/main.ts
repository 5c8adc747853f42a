import { readFile, writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { describeCheckout, insteadOf, readCommandLine } from 'command-line';
import { format } from 'prettier';
import { serverVersion } from 'test-kit';
import { type Outcome, showOutcome } from './outcome.js';
import { chapter, type Row, withChapter } from './page.js';
import { type LibraryName, LIBRARY_NAMES, versions } from './packages.js';
import { runInProcess } from './trial-process.js';
import type { Trial } from './trial.js';
import { TRIALS } from './trials/index.js';

const PAGE = fileURLToPath(new URL('../../../docs/comparison.md', import.meta.url));
const KEYS = TRIALS.map(({ key }) => key);

const wanted = readCommandLine({
  usage: `Usage: pnpm comparison [--only <trials>]

Runs the same trials against redlock-core, redlock 4, redlock 5 beta, redis-semaphore and
redlock-universal on real servers, and writes the table in docs/comparison.md, in five minutes.
Nothing else should run on the machine meanwhile.

  --only   only these trials, with commas between them; prints the table and writes nothing
  --help   this text

Trials: ${inLines(KEYS)}

The servers are redis-server or valkey-server from PATH, else containers if Docker answers.`,
  options: { only: { type: 'string' } },
  argumentsOf: ({ only }) => {
    if (only === undefined) return TRIALS;
    const keys = only.split(',');
    const unknown = keys.find((key) => !KEYS.includes(key));
    if (unknown !== undefined) {
      throw new Error(`There is no trial ${unknown}${insteadOf(unknown, KEYS)}`);
    }
    return TRIALS.filter(({ key }) => keys.includes(key));
  },
});

const started = performance.now();
const [load = NaN] = loadavg();
const rows: Row[] = [];
for (const trial of wanted) rows.push({ trial, outcomes: await tryAll(trial) });
const text = chapter(await stamp(), LIBRARY_NAMES, rows);
if (wanted === TRIALS) {
  const page = withChapter(await readFile(PAGE, 'utf8'), text);
  await writeFile(PAGE, await format(page, { parser: 'markdown' }));
  console.error('written: docs/comparison.md');
} else {
  console.log(await format(text, { parser: 'markdown' }));
}

/** All libraries side by side, or one after another. */
async function tryAll(trial: Trial): Promise<Outcome[]> {
  if (trial.alone !== true) return Promise.all(LIBRARY_NAMES.map((name) => tryOne(trial, name)));
  const outcomes: Outcome[] = [];
  for (const name of LIBRARY_NAMES) outcomes.push(await tryOne(trial, name));
  return outcomes;
}

async function tryOne(trial: Trial, name: LibraryName): Promise<Outcome> {
  const outcome = await runInProcess(trial.key, name);
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.error(`${seconds.padStart(4)} s  ${trial.key}, ${name}: ${showOutcome(outcome)}`);
  return outcome;
}

/** When, for how long, on what machine, and with which versions. */
async function stamp(): Promise<string> {
  const [cpu] = cpus();
  const minutes = ((performance.now() - started) / 60_000).toFixed(1);
  return [
    `Written by \`pnpm comparison\` on ${new Date().toISOString().slice(0, 10)}, in ${minutes} minutes, of ${describeCheckout()}.`,
    `${(await versions()).join(', ')}; ${await serverVersion()}; Node ${process.versions.node};`,
    `${cpus().length} cores (${cpu?.model.trim() ?? 'unknown'}), load average ${load.toFixed(1)} at the beginning.`,
  ].join(' ');
}

function inLines(words: readonly string[]): string {
  const lines: string[] = [];
  for (const word of words) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + word.length < 80)
      lines[lines.length - 1] = `${line}, ${word}`;
    else lines.push(word);
  }
  return lines.join(',\n  ');
}
