import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { sumOf } from './spread.js';

/** The bench, whose dependencies are measured. */
export const HERE = fileURLToPath(new URL('..', import.meta.url));

interface Manifest {
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** Packages and everything they depend on, each once, as npm installs them, without peers. */
export async function installationOf(
  names: readonly string[],
): Promise<{ readonly installedBytes: number; readonly dependencies: number }> {
  const directories = new Set<string>();
  await collect(names, HERE, directories);
  const sizes = await Promise.all([...directories].map(publishedBytes));
  return { installedBytes: sumOf(sizes), dependencies: directories.size - names.length };
}

export async function installedVersion(name: string): Promise<string> {
  const { version } = await readManifest(await locate(name, HERE));
  return version.replace(/^v/, '');
}

/** The files that a package of this workspace publishes. */
export async function packedFiles(cwd: string): Promise<{ path: string; size: number }[]> {
  const pack = ['pack', '--dry-run', '--json', '--ignore-scripts'];
  const { stdout } = await promisify(execFile)('npm', pack, { cwd });
  const [packed] = JSON.parse(stdout) as { files: { path: string; size: number }[] }[];
  if (!packed) throw new Error(`npm does not pack ${cwd}`);
  return packed.files;
}

async function collect(
  names: readonly string[],
  from: string,
  directories: Set<string>,
): Promise<void> {
  for (const name of names) {
    const directory = await locate(name, from);
    if (directories.has(directory)) continue;
    directories.add(directory);
    const { dependencies = {} } = await readManifest(directory);
    await collect(Object.keys(dependencies), directory, directories);
  }
}

async function readManifest(directory: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(directory, 'package.json'), 'utf8')) as Manifest;
}

/** Not by `require.resolve`: `exports` may hide a package's own directory. */
async function locate(name: string, from: string): Promise<string> {
  const places = createRequire(join(from, 'package.json')).resolve.paths(name) ?? [];
  const place = places.find((directory) => existsSync(join(directory, name)));
  if (place === undefined) throw new Error(`${name} is not installed for ${from}`);
  return realpath(join(place, name));
}

/** A package of this workspace has more files than it publishes. */
async function publishedBytes(directory: string): Promise<number> {
  if (directory.includes(`${sep}node_modules${sep}`)) return bytesIn(directory);
  return sumOf((await packedFiles(directory)).map(({ size }) => size));
}

async function bytesIn(directory: string): Promise<number> {
  const entries = await readdir(directory, { withFileTypes: true });
  const sizes = entries
    .filter(({ name }) => name !== 'node_modules')
    .map(async (entry) => {
      const path = join(directory, entry.name);
      return entry.isDirectory() ? bytesIn(path) : (await stat(path)).size;
    });
  return sumOf(await Promise.all(sizes));
}
