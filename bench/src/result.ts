import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serverVersion } from 'test-kit';
import type { Table } from './chapter.js';
import { PACKAGES } from './libraries/roster.js';

export const RESULTS = fileURLToPath(new URL('../results/', import.meta.url));

/** When, where and of what a chapter was measured. */
export interface Measured {
  readonly command: string;
  readonly date: string;
  readonly minutes: number | null;
  /** The state of the repository. */
  readonly commit: string | null;
  readonly node: string;
  readonly servers: string;
  readonly machine: string;
  /** Of the machine, when it began. */
  readonly load: number | null;
  /** Installed versions by name. */
  readonly libraries: Readonly<Record<string, string>>;
}

/** What a chapter has measured, as the file of its name in `bench/results/` has it. */
export interface Result {
  readonly chapter: string;
  readonly measured: Measured;
  readonly tables: readonly Table[];
}

export async function readResults(): Promise<Result[]> {
  const files = (await readdir(RESULTS)).filter((file) => file.endsWith('.json'));
  return Promise.all(
    files.map(async (file) => JSON.parse(await readFile(join(RESULTS, file), 'utf8')) as Result),
  );
}

/** Writes a file into `bench/results/`, as Prettier wants it. */
export async function writeResultFile(file: string, text: string): Promise<void> {
  // Loaded here only: it opens the standard input, which would keep tests of the results alive.
  const { format, resolveConfig } = await import('prettier');
  const path = join(RESULTS, file);
  const isPicture = file.endsWith('.svg');
  const options = { ...(await resolveConfig(path)), filepath: path };
  await writeFile(path, isPicture ? text : await format(text, options));
}

/** @returns what completes the description at the end of the measurement */
export async function beginMeasuring(command: string): Promise<() => Measured> {
  const started = performance.now();
  const [load = NaN] = loadavg();
  const [cpu] = cpus();
  const measured = {
    command,
    commit: describeCheckout(),
    node: process.versions.node,
    servers: await serverVersion(),
    machine: `${cpus().length} cores (${cpu?.model.trim() ?? 'unknown'})`,
    load: Number(load.toFixed(1)),
    libraries: await installedVersions(),
  };
  return () => ({
    ...measured,
    date: new Date().toISOString().slice(0, 10),
    minutes: Number(((performance.now() - started) / 60_000).toFixed(1)),
  });
}

/** The libraries that are measured beside redlock-core, and the client of most. */
export async function installedVersions(): Promise<Record<string, string>> {
  const entries = Object.entries(PACKAGES).map(async ([name, installed]) => {
    const { version } = JSON.parse(await readFile(manifestOf(installed), 'utf8')) as {
      version: string;
    };
    return [name, version.replace(/^v/, '')] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** Not by `require.resolve`: `exports` may hide a package's own manifest. */
function manifestOf(name: string): string {
  const places = createRequire(import.meta.url).resolve.paths(name) ?? [];
  const place = places.find((directory) => existsSync(join(directory, name)));
  if (place === undefined) throw new Error(`${name} is not installed`);
  return join(place, name, 'package.json');
}

function describeCheckout(): string {
  try {
    const changes = git('status', '--porcelain', '--', ':/', ':!/bench/results');
    const commit = git('rev-parse', '--short', 'HEAD');
    return `commit ${commit}${changes === '' ? '' : ' and changes that are not committed'}`;
  } catch {
    return 'an unknown commit';
  }
}

function git(...args: readonly string[]): string {
  return execFileSync('git', args, { cwd: RESULTS, encoding: 'utf8', stdio: 'pipe' }).trim();
}
