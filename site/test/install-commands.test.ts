import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { ROOT } from '../src/repository.js';

const COMMAND = /^npm install (redlock-[^\n]+)$/gm;
const IMPORT = /^(?:import|export) (?!type )[^;]*?from '([^']+)';$/gms;

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

/** The packages that the modules of an entry import when they run. */
async function importsOf(file: string, seen = new Set<string>()): Promise<string[]> {
  if (seen.has(file)) return [];
  seen.add(file);
  const names: string[] = [];
  for (const [, specifier = ''] of (await readFile(file, 'utf8')).matchAll(IMPORT)) {
    if (!specifier.startsWith('.')) names.push(specifier);
    else if (specifier.endsWith('.js')) {
      const module = join(dirname(file), specifier.replace(/\.js$/, '.ts'));
      names.push(...(await importsOf(module, seen)));
    }
  }
  return names;
}

/** What must be installed beside a package, because npm does not, or because it is imported all the same. */
async function needsOf(name: string): Promise<string[]> {
  const folder = join(ROOT, 'packages', name);
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest;
  const { dependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = manifest;
  const brought = Object.keys(dependencies);
  const theirs = await Promise.all(brought.filter(isOurs).map(needsOf));
  const imported = await importsOf(join(folder, 'src/index.ts'));
  const peers = Object.keys(peerDependencies).filter(
    (peer) => peerDependenciesMeta[peer]?.optional && imported.includes(peer),
  );
  return [...peers, ...theirs.flat().filter((peer) => !brought.includes(peer))];
}

function isOurs(name: string): boolean {
  return name.startsWith('redlock-');
}

test('each install command of the documents installs all that its packages import', async () => {
  const { stdout } = await promisify(execFile)('git', ['ls-files', '*.md'], { cwd: ROOT });
  const commands: string[] = [];
  const incomplete: string[] = [];
  for (const file of stdout.trim().split('\n')) {
    for (const [command, names = ''] of (await readFile(ROOT + file, 'utf8')).matchAll(COMMAND)) {
      commands.push(command);
      const installed = names.split(' ');
      const needs = await Promise.all(installed.filter(isOurs).map(needsOf));
      const missing = needs.flat().filter((name) => !installed.includes(name));
      if (missing.length > 0) incomplete.push(`${file}: ${command}: without ${missing.join()}`);
    }
  }
  expect(commands.length).toBeGreaterThan(4);
  expect(incomplete).toEqual([]);
});
