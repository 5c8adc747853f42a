import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';

const DIST = new URL('../dist/', import.meta.url);

test('the built package imports p-timeout and nanoid, and Node itself, and nothing else', async () => {
  const files = await readdir(DIST, { recursive: true });
  const sources = await Promise.all(
    files
      .filter((file) => file.endsWith('.js'))
      .map((file) => readFile(new URL(file, DIST), 'utf8')),
  );
  const imported = sources.flatMap((source) =>
    [...source.matchAll(/\b(?:from|import) ?\(?["']([^"'.][^"']*)["']/g)].map(([, name]) => name),
  );
  const others = imported.filter((name) => !name?.startsWith('node:'));
  expect([...new Set(others)].toSorted()).toEqual(['nanoid', 'p-timeout']);
});
