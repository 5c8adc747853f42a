import { readCommandLine } from 'test-kit/arguments';
import { CHAPTERS } from './chapters/index.js';
import type { Chapter } from './chapter.js';
import { PAGES, renderPage, renderResult } from './page.js';
import { beginMeasuring, readResults, type Result, writeResultFile } from './result.js';

const LIST = CHAPTERS.map(({ name, measures }) => `  ${name.padEnd(11)} ${measures}`).join('\n');

const { quick, write, chapters, parts, command } = readCommandLine({
  usage: `Usage: pnpm bench [--quick | --write] [chapter ...]
       pnpm bench [--quick] trials [trial ...]

Measures redlock-core beside other libraries on Redis servers, in three quarters of an hour. Nothing
else should run on the machine meanwhile. Without the name of a chapter, writes all results. If
chapters are named, prints these with the commit, and writes nothing: so two checkouts can be
compared. Results are bench/results/CHAPTER.json; the pages beside them are made of all of them.

  --quick  a short run whose figures are too rough to quote; prints, and writes nothing
  --write  writes the chapters that are named
  --help   this text

${LIST}

Trials: ${CHAPTERS.flatMap(({ parts: names = [] }) => names)
    .join(', ')
    .replaceAll(/(.{1,80})(?: |$)/g, '$1\n  ')
    .trimEnd()}

The servers are redis-server or valkey-server from PATH, else containers if Docker answers.`,
  options: {
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
  allowPositionals: true,
  argumentsOf: (values, words) => ({
    quick: values.quick,
    write: (values.write || words.length === 0) && !values.quick,
    ...chosenBy(words),
    command: ['pnpm bench', ...(values.quick ? ['--quick'] : []), ...words].join(' '),
  }),
});

/** The chapters that words of the command line name, and the parts of the first one. */
function chosenBy(words: readonly string[]): { chapters: readonly Chapter[]; parts: string[] } {
  const [first, ...rest] = words;
  const whole = CHAPTERS.find(({ name, parts: names }) => name === first && names);
  const names = whole?.parts ?? CHAPTERS.map(({ name }) => name);
  const unknown = (whole ? rest : words).find((word) => !names.includes(word));
  if (unknown !== undefined) {
    throw new Error(`There is no ${whole ? `part ${unknown} of ${first}` : `chapter ${unknown}`}`);
  }
  if (whole) return { chapters: [whole], parts: rest };
  const chosen = CHAPTERS.filter(({ name }) => words.length === 0 || words.includes(name));
  return { chapters: chosen, parts: [] };
}

/** More digits would be noise. */
function rounded(_: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(6)) : value;
}

const started = performance.now();
const progress = (what: string): void => {
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.error(`${seconds.padStart(4)} s  ${what}`);
};

for (const chapter of chapters) {
  progress(chapter.name);
  const endMeasuring = await beginMeasuring(command);
  const tables = await chapter.run({ short: quick, parts, progress });
  const result: Result = { chapter: chapter.name, measured: endMeasuring(), tables };
  const { format } = await import('prettier');
  const text = renderResult(result, quick ? '**Too rough to quote.**' : '').join('\n\n');
  console.log(await format(text, { parser: 'markdown' }));
  // At once: a later chapter may fail.
  if (write && parts.length === 0)
    await writeResultFile(`${chapter.name}.json`, JSON.stringify(result, rounded));
}

if (write && parts.length === 0) {
  const results = await readResults();
  for (const page of Object.keys(PAGES) as (keyof typeof PAGES)[]) {
    const { markdown, picture } = renderPage(page, results);
    await writeResultFile(`${page}.md`, markdown);
    if (picture !== null) await writeResultFile(`${page}.svg`, picture);
    progress(`written: bench/results/${page}.md`);
  }
}
