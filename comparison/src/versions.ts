import { readFile } from 'node:fs/promises';
import { ROSTER } from './roster.js';

/** The version of a package as it is installed here. */
async function versionOf(name: string): Promise<string> {
  const manifest = new URL(`../node_modules/${name}/package.json`, import.meta.url);
  const { version } = JSON.parse(await readFile(manifest, 'utf8')) as { version: string };
  return version.replace(/^v/, '');
}

/** Each library with its version, and the client that all of them use. */
export async function versions(): Promise<string[]> {
  const named = [...ROSTER, { name: 'ioredis', package: 'ioredis' }];
  return Promise.all(named.map(async (one) => `${one.name} ${await versionOf(one.package)}`));
}
