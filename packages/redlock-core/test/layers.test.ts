import { readdir, readFile } from 'node:fs/promises';
import { posix } from 'node:path';
import { expect, test } from '@jest/globals';

const SOURCE = new URL('../src/', import.meta.url);

/** The layers of the core, from the ground up. A file imports from its own layer and from layers below it. */
const LAYERS = [
  'telemetry',
  'time',
  'settings',
  'protocol',
  'node',
  'quorum',
  'attempt',
  'waiting',
  'lock',
  'election',
  'semaphore',
  'warnings',
];

/** Files of what users see. Every layer may use these words; they themselves use one another, and `Runtime`. */
const VOCABULARY = new Set(
  [
    'contract',
    'election',
    'errors',
    'events',
    'inspection',
    'lock',
    'mode',
    'notice',
    'options',
    'redis-node',
    'routine',
    'semaphore',
    'trace',
    'vote',
    'warning',
  ].map((name) => `${name}.ts`),
);

/** The files that wire everything up. */
const ROOF = new Set(['index.ts', 'redlock.ts', 'assembly.ts']);

/** Folders beside the core: for users, adapters, other contracts and tests. */
const BESIDE = new Set(['adapter', 'memory', 'rounds', 'testing']);

const SPECIFIER = /\bfrom '(\.[^']+)\.js'/g;

async function importsOf(file: string): Promise<string[]> {
  const source = await readFile(new URL(file, SOURCE), 'utf8');
  return [...source.matchAll(SPECIFIER)].map(
    ([, specifier = '']) => `${posix.join(posix.dirname(file), specifier)}.ts`,
  );
}

async function core(): Promise<string[]> {
  const files = await readdir(SOURCE, { recursive: true });
  return files.filter((file) => file.endsWith('.ts') && !BESIDE.has(layerOf(file)));
}

function layerOf(file: string): string {
  return file.split('/')[0] ?? '';
}

/** How high a file stands. */
function floorOf(file: string): number {
  if (VOCABULARY.has(file)) return -1;
  return ROOF.has(file) ? LAYERS.length : LAYERS.indexOf(layerOf(file));
}

test('every file of the core is in a layer', async () => {
  const files = await core();
  const elsewhere = files.filter((file) => !LAYERS.includes(layerOf(file)) && !ROOF.has(file));
  expect(elsewhere.toSorted()).toEqual([...VOCABULARY].toSorted());
});

test('imports go down, also those of types alone', async () => {
  const upwards: string[] = [];
  for (const file of await core()) {
    for (const imported of await importsOf(file)) {
      const isWord = VOCABULARY.has(file) && imported === 'time/runtime.ts';
      if (floorOf(imported) > floorOf(file) && !isWord) upwards.push(`${file} -> ${imported}`);
    }
  }
  expect(upwards).toEqual([]);
});

test('no imports go round in a circle', async () => {
  const imports = new Map<string, readonly string[]>();
  for (const file of await core()) imports.set(file, await importsOf(file));
  const circles: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
    else if (!done.has(file)) {
      for (const next of imports.get(file) ?? []) visit(next, [...path, file]);
      done.add(file);
    }
  };
  for (const file of imports.keys()) visit(file, []);
  expect(circles).toEqual([]);
});
