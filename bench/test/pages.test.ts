import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { tableOf } from '../src/chapter.js';
import { PAGES, renderPage, renderResult } from '../src/page.js';
import { installedVersions, type Measured, readResults, RESULTS } from '../src/result.js';
import { TRIALS } from '../src/trials/roster.js';
import { trialTables } from '../src/trials/trials.js';
import { outcomeOf } from '../src/trials/verdicts.js';

const MEASURED: Measured = {
  command: 'pnpm bench',
  date: '2026-01-02',
  minutes: 1.5,
  commit: null,
  node: '20',
  servers: 'Redis 7',
  machine: '2 cores',
  load: null,
  libraries: {},
};

function written(file: string): Promise<string> {
  return readFile(RESULTS + file, 'utf8');
}

/** Prettier, which the tests do not load, changes white space and the rules of tables. */
function withoutLayout(text: string): string {
  return text.replaceAll(/[\s-]+/g, '');
}

test.each(Object.keys(PAGES) as (keyof typeof PAGES)[])(
  'results/%s.md and its picture are made of the results beside it',
  async (name) => {
    const { markdown, picture } = renderPage(name, await readResults());
    expect(withoutLayout(await written(`${name}.md`))).toBe(withoutLayout(markdown));
    if (picture !== null) expect(await written(`${name}.svg`)).toBe(picture);
  },
);

test('a cell has the median and the range, an outcome or a dash, and a ratio has its noise', () => {
  const table = tableOf(
    'Title',
    'Explanation.',
    [
      { key: 'ratio', heading: '× ours', digits: 1, noise: 'ours, again' },
      { key: 'seen', heading: 'seen' },
    ],
    [
      { name: 'ours, again', figures: { ratio: { median: 1.04, min: 0.9, max: 1234 } } },
      { name: 'other', figures: { ratio: 2, seen: outcomeOf('gets it', [0.5, 7.1, 50], ['×2']) } },
    ],
  );
  const [heading, stamp, , rows] = renderResult({
    chapter: 'c',
    measured: MEASURED,
    tables: [table],
  });
  expect([heading, stamp]).toEqual([
    '## Title',
    'Written by `pnpm bench`, on 2026-01-02, in 1.5 minutes. Node 20; Redis 7; 2 cores.',
  ]);
  expect(rows?.split('\n')).toEqual([
    '|  | × ours (noise: 1.0 (0.9–1,234.0)) | seen |',
    '| - | -: | - |',
    '| ours, again | 1.0 (0.9–1,234.0) | – |',
    '| other | 2.0 | gets it; 7.1 (0.50–50) ms; ×2 |',
  ]);
});

test('the results of the trials have each trial, and the versions that are installed', async () => {
  const result = (await readResults()).find(({ chapter }) => chapter === 'trials');
  const [outcomes, , procedures] = result?.tables ?? [];
  const names = TRIALS.map(({ name }) => name);
  expect(outcomes?.rows.map(({ name }) => name)).toEqual(names);
  expect(procedures?.rows.map(({ name }) => name)).toEqual(names);
  // A release may change the version of redlock-core.
  const { 'redlock-core': _, ...others } = result?.measured.libraries ?? {};
  expect(await installedVersions()).toMatchObject(others);
});

test('the tables of trials explain the words that they have', () => {
  const [trial] = TRIALS;
  if (!trial) throw new Error('There is no trial');
  const [, words] = trialTables([{ trial, outcomes: { ours: outcomeOf('told') } }]);
  expect(words?.rows.map(({ name }) => name)).toEqual(['told']);
});
