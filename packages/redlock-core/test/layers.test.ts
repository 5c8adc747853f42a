import { readdir, readFile } from 'node:fs/promises';
import { posix } from 'node:path';
import { expect, test } from '@jest/globals';

const SOURCE = new URL('../src/', import.meta.url);

/** The layers of the core, from the ground up. A file imports from its own layer and from layers below it. */
const LAYERS =
  'time protocol settings adapter node quorum waiting lease election semaphore warnings.ts'.split(
    ' ',
  );

/** Files of what users see. Every layer may use these words; they themselves use one another, and `Runtime`. */
const VOCABULARY = new Set(
  'election errors events inspection lock options redis-node semaphore trace vote'
    .split(' ')
    .map((name) => `${name}.ts`),
);

/** The files that wire everything up. */
const ROOF = new Set(['index.ts', 'redlock.ts']);

/** Folders beside the core: for users, other contracts and tests. */
const BESIDE = new Set(['conformance', 'doctor', 'internal', 'memory']);

const SPECIFIER = /\bfrom '(\.[^']+)\.js'/g;

function layerOf(file: string): string {
  return file.split('/')[0] ?? '';
}

/** The files of the core, and what each imports. */
async function imports(): Promise<Map<string, readonly string[]>> {
  const files = await readdir(SOURCE, { recursive: true });
  const core = files.filter((file) => file.endsWith('.ts') && !BESIDE.has(layerOf(file)));
  const entries = core.map(async (file) => {
    const source = await readFile(new URL(file, SOURCE), 'utf8');
    const imported = [...source.matchAll(SPECIFIER)].map(
      ([, specifier = '']) => `${posix.join(posix.dirname(file), specifier)}.ts`,
    );
    return [file, imported] as const;
  });
  return new Map(await Promise.all(entries));
}

/** How high a file is. */
function floorOf(file: string): number {
  if (VOCABULARY.has(file)) return -1;
  return ROOF.has(file) ? LAYERS.length : LAYERS.indexOf(layerOf(file));
}

test('every file of the core is in a layer', async () => {
  const files = [...(await imports()).keys()];
  const elsewhere = files.filter((file) => !LAYERS.includes(layerOf(file)) && !ROOF.has(file));
  expect(elsewhere.toSorted()).toEqual([...VOCABULARY]);
});

test('imports go down, also those of types', async () => {
  const upwards: string[] = [];
  for (const [file, imported] of await imports()) {
    for (const other of imported) {
      const isWord = VOCABULARY.has(file) && other === 'time/runtime.ts';
      if (floorOf(other) > floorOf(file) && !isWord) upwards.push(`${file} -> ${other}`);
    }
  }
  expect(upwards).toEqual([]);
});

test('no imports are circular', async () => {
  const all = await imports();
  const circles: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
    else if (!done.has(file)) {
      for (const next of all.get(file) ?? []) visit(next, [...path, file]);
      done.add(file);
    }
  };
  for (const file of all.keys()) visit(file, []);
  expect(circles).toEqual([]);
});
