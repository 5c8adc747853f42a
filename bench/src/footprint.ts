import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { bundle } from './bundle.js';
import { installedVersion, installationOf } from './package-files.js';
import { PACKAGES } from './roster.js';
import { spreadOf, type Spread } from './spread.js';

export interface Footprint {
  readonly name: string;
  readonly version: string;
  /** In a process that has imported the client. */
  readonly importMs: Spread;
  /** Packages that come with it, besides the client. */
  readonly dependencies: number;
  readonly installedBytes: number;
  /** Of one minified ES module with all dependencies, but for the clients. */
  readonly brotliBytes: number;
}

const HERE = fileURLToPath(new URL('..', import.meta.url));

/** What it costs to have a library: to import, to install, to ship. */
export async function measureFootprint(runs: number): Promise<Footprint[]> {
  const subjects = Object.entries(PACKAGES).map(([name, { client, packages }]) => ({
    name,
    client,
    packages,
  }));
  const times = new Map<string, number[]>(subjects.map(({ name }) => [name, []]));
  for (let run = 0; run < runs; run++) {
    for (const { name, client, packages } of run % 2 === 0 ? subjects : subjects.toReversed()) {
      times.get(name)?.push(await timeImport(client, packages));
    }
  }
  return Promise.all(
    subjects.map(async ({ name, packages }) => ({
      name,
      version: await installedVersion(packages[0] ?? name, HERE),
      importMs: spreadOf(times.get(name) ?? []),
      ...(await installationOf(packages, HERE)),
      brotliBytes: (await bundle(packages)).brotliBytes,
    })),
  );
}

/** In a fresh process, but for its start and the client, whose times vary by more than this takes. */
async function timeImport(client: string, packages: readonly string[]): Promise<number> {
  const script = [
    `await import('${client}')`,
    'const start = performance.now()',
    ...packages.map((name) => `await import('${name}')`),
    'console.log(performance.now() - start)',
  ].join(';');
  const node = ['--input-type=module', '-e', script];
  const { stdout } = await promisify(execFile)(process.execPath, node, { cwd: HERE });
  return Number(stdout);
}
