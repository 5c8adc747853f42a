import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { showOutcome } from '../src/trials/outcome.js';
import { chapter, withChapter } from '../src/trials/page.js';
import { TRIALS } from '../src/trials/trials/index.js';
import { versions } from '../src/trials/packages.js';

const PAGE = new URL('../../docs/comparison.md', import.meta.url);

const readPage = (): Promise<string> => readFile(PAGE, 'utf8');

/** The first cells of the rows of a table. */
function rowsOf(page: string): string[] {
  return [...page.matchAll(/^\| ([^|]+) \|/gm)].map(([, cell = '']) => cell.trim());
}

test('the page has a row for each trial, and says what each does', async () => {
  const page = await readPage();
  const rows = rowsOf(page);
  for (const { name } of TRIALS) {
    expect(rows.filter((row) => row === name)).toEqual([name]);
    expect(page).toContain(`- **${name}**: `);
  }
});

test('the page is dated, and its versions are those that are installed', async () => {
  const page = await readPage();
  expect(page).toMatch(/^Written by `pnpm comparison` on \d{4}-\d\d-\d\d, in [\d.]+ minutes, of /m);
  // Our own has one version with all packages, which a release may change.
  const [, ...others] = await versions();
  for (const version of others)
    expect(page).toContain(`${version}${version.startsWith('ioredis') ? ';' : ','}`);
});

test('a cell has the verdict, the median and the range of the times, and the notes', () => {
  const outcome = { verdict: 'gets it', ms: [5003, 0.52, 7.1], notes: ['×2'] } as const;
  expect(showOutcome(outcome)).toBe('gets it; 7.1 (0.52–5,003) ms; ×2');
  expect(showOutcome({ verdict: 'no answer' })).toBe('no answer');
});

test('a chapter explains the words that are in its table, and takes the place of the one before', () => {
  const [trial] = TRIALS;
  if (!trial) throw new Error('There is no trial');
  const text = chapter('Now.', ['ours'], [{ trial, outcomes: [{ verdict: 'told' }] }]);
  expect(text).toContain(`| ${trial.name} | told |`);
  expect(text).toContain('- **told**: ');
  expect(text).not.toContain('- **not told**: ');

  const page = ['before', '<!-- written by pnpm comparison: begin -->', 'old'].join('\n');
  expect(() => withChapter(page, text)).toThrow('has no place for the table');
  const whole = `${page}\n<!-- written by pnpm comparison: end -->\nafter`;
  const written = withChapter(withChapter(whole, 'what was there'), text);
  expect(written).toMatch(/^before\n<!--.*-->\n\nNow\.\n\n[^]*\n\n<!--.*-->\nafter$/);
  expect(written).not.toContain('what was there');
});
