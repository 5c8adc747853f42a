import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { TRIALS } from '../src/trials/index.js';
import { showOutcome } from '../src/trials/outcome.js';
import { trialPage, versions } from '../src/trials/page.js';

const page = await readFile(new URL('../results/trials.md', import.meta.url), 'utf8');

test('results/trials.md has exactly one row for each trial, and its procedure', () => {
  const rows = [...page.matchAll(/^\| ([^|]+) \|/gm)].map(([, cell = '']) => cell.trim());
  expect(rows.slice(2)).toEqual(TRIALS.map(({ name }) => name));
  for (const { name } of TRIALS) expect(page).toContain(`- **${name}**: `);
});

test('results/trials.md is dated, and its versions are the installed ones', async () => {
  expect(page).toMatch(/^Written by `pnpm [^`]+`.* on \d{4}-\d\d-\d\d, in [\d.]+ minutes/m);
  // Our own has one version with all packages, which a release may change.
  const [, ...others] = await versions();
  for (const version of others) expect(page).toContain(version);
});

test('a cell has the verdict, the median and the range of the times, and the notes', () => {
  const outcome = { verdict: 'gets it', ms: [5003, 0.52, 7.1], notes: ['×2'] } as const;
  expect(showOutcome(outcome)).toBe('gets it; 7.1 (0.52–5,003) ms; ×2');
  expect(showOutcome({ verdict: 'no answer' })).toBe('no answer');
});

test('a page explains the words of its table', () => {
  const [trial] = TRIALS;
  if (!trial) throw new Error('There is no trial');
  const text = trialPage('Now.', ['ours'], [{ trial, outcomes: [{ verdict: 'told' }] }]);
  expect(text).toContain(`| ${trial.name} | told |`);
  expect(text).toContain('- **told**: ');
  expect(text).not.toContain('- **not told**: ');
});
