import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';

const DIST = new URL('../dist/', import.meta.url);
/** In `from 'x'`, `import('x')` and `require('x')`. */
const SPECIFIER = /\b(?:from|import|require) ?\(?["']([^"'.][^"']*)["']/g;

test('the built package imports only modules of Node, in either format', async () => {
  const files = await readdir(DIST, { recursive: true });
  const built = files.filter((file) => /\.c?js$/.test(file));
  expect(built).toHaveLength(12);
  const sources = await Promise.all(built.map((file) => readFile(new URL(file, DIST), 'utf8')));
  const imported = sources.flatMap((source) => [...source.matchAll(SPECIFIER)]);
  const names = new Set(imported.map(([, name = '']) => name));
  expect([...names].filter((name) => !name.startsWith('node:'))).toEqual([]);
});
