import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { build } from 'esbuild';
import { BUDGETS } from './budgets.js';
import { entriesOf } from './entries.js';

const FILE = 'scripts/budgets.js';

const compress = promisify(gzip);

/**
 * What a package costs those who use it: its tarball, and for each entry the code that is loaded, as bundlers
 * make it small, and the packages that are imported with it.
 */
export async function weigh({ directory, manifest, size }) {
  const entries = await Promise.all(
    entriesOf(manifest).map(async ({ name, file }) => ({ name, ...(await load(directory, file)) })),
  );
  return { tarball: kilobytes(size), entries };
}

async function load(directory, file) {
  const { outputFiles, metafile } = await build({
    entryPoints: [join(directory, file)],
    outdir: directory,
    write: false,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    metafile: true,
  });
  const [{ contents }] = outputFiles;
  const [{ imports }] = Object.values(metafile.outputs);
  // A dynamic import costs nothing until it is reached.
  const atOnce = imports.filter(
    ({ kind, path }) => kind === 'import-statement' && !isBuiltin(path),
  );
  const packages = [...new Set(atOnce.map(({ path }) => path))].toSorted();
  return { size: kilobytes((await compress(contents)).length), imports: packages };
}

/** What an import of an entry loads. */
export function describeLoad({ name, size, imports }) {
  return `${name} ${size} kB, imports ${imports.join(', ') || 'no package'}`;
}

/** What a package costs more than it may. */
export function budgetFindings({ manifest: { name } }, { tarball, entries }) {
  const budget = BUDGETS[name];
  if (!budget) return [`there is no budget for it in ${FILE}`];
  const findings = entries.flatMap((entry) => {
    const most = budget.entries[entry.name];
    if (!most) return [`there is no budget for ${entry.name} in ${FILE}`];
    const more = entry.imports.filter((path) => !most.imports.includes(path));
    return [
      ...exceeded(`an import of ${entry.name} loads`, entry.size, most.size),
      ...(more.length > 0 ? [`${entry.name} imports ${more.join(', ')}: see ${FILE}`] : []),
    ];
  });
  return [...exceeded('the tarball has', tarball, budget.tarball), ...findings];
}

function exceeded(what, size, most) {
  return size > most ? [`${what} ${size} kB of at most ${most} kB: see ${FILE}`] : [];
}

function kilobytes(bytes) {
  return Math.round(bytes / 100) / 10;
}
