import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { entriesOf } from './entries.js';
import { ROOT } from './packages.js';

const ALWAYS = ['package.json', 'README.md', 'LICENSE'];

/** What else a package may have. */
const ALLOWED = [/^CHANGELOG\.md$/, /^dist\/.+\.d\.(ts|cts)$/, /^dist\/bundled-licenses\.txt$/];

/** What is wrong with the files of a tarball, if anything. */
export async function contentFindings({ directory, manifest, paths }) {
  const code = entriesOf(manifest).flatMap(({ name, file }) => modulesOf(name, file, manifest));
  const needed = [...ALWAYS, ...code];
  const missing = needed.filter((path) => !paths.includes(path));
  const unknown = paths.filter(
    (path) => !needed.includes(path) && !ALLOWED.some((pattern) => pattern.test(path)),
  );
  const texts = await Promise.all(
    paths.map(async (path) => ({ path, text: await readFile(join(directory, path), 'utf8') })),
  );
  const local = texts.filter(({ text }) => text.includes(ROOT));
  return [
    ...missing.map((path) => `${path} is not in the tarball: build it`),
    ...unknown.map((path) => `${path} is in the tarball and has no business there`),
    ...local.map(({ path }) => `${path} names a directory of this machine`),
  ];
}

/** A program has no twin in CommonJS. */
function modulesOf(name, file, { bin = {} }) {
  return name in bin ? [file] : [file, file.replace(/\.js$/, '.cjs')];
}
