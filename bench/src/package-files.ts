import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, sep } from 'node:path';
import { promisify } from 'node:util';

interface Manifest {
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

interface Installation {
  /** Of packages and of all they depend on, each once, as npm installs them; peers are not counted. */
  readonly installedBytes: number;
  /** How many packages come besides those that were asked for. */
  readonly dependencies: number;
}

export async function installationOf(
  names: readonly string[],
  from: string,
): Promise<Installation> {
  const directories = new Set<string>();
  await collect(names, from, directories);
  const sizes = await Promise.all([...directories].map(publishedBytes));
  return {
    installedBytes: sizes.reduce((sum, size) => sum + size, 0),
    dependencies: directories.size - names.length,
  };
}

export async function installedVersion(name: string, from: string): Promise<string> {
  const { version } = await readManifest(await locate(name, from));
  return version.replace(/^v/, '');
}

async function readManifest(directory: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(directory, 'package.json'), 'utf8')) as Manifest;
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

/** Not by `require.resolve`: `exports` may hide a package's own directory. */
async function locate(name: string, from: string): Promise<string> {
  const places = createRequire(join(from, 'package.json')).resolve.paths(name) ?? [];
  const place = places.find((directory) => existsSync(join(directory, name)));
  if (place === undefined) throw new Error(`${name} is not installed for ${from}`);
  return realpath(join(place, name));
}

async function publishedBytes(directory: string): Promise<number> {
  return directory.includes(`${sep}node_modules${sep}`)
    ? bytesIn(directory)
    : packedBytes(directory);
}

async function bytesIn(directory: string): Promise<number> {
  const entries = await readdir(directory, { withFileTypes: true });
  const sizes = entries
    .filter(({ name }) => name !== 'node_modules')
    .map(async (entry) => {
      const path = join(directory, entry.name);
      return entry.isDirectory() ? bytesIn(path) : (await stat(path)).size;
    });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** A package of this workspace has more files than it publishes. */
async function packedBytes(cwd: string): Promise<number> {
  const files = await packedFiles(cwd);
  return files.reduce((sum, { size }) => sum + size, 0);
}

/** The files that a package of this workspace publishes. */
export async function packedFiles(cwd: string): Promise<{ path: string; size: number }[]> {
  const pack = ['pack', '--dry-run', '--json', '--ignore-scripts'];
  const { stdout } = await promisify(execFile)('npm', pack, { cwd });
  const [packed] = JSON.parse(stdout) as { files: { path: string; size: number }[] }[];
  if (!packed) throw new Error(`npm does not pack ${cwd}`);
  return packed.files;
}
