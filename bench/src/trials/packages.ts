import { readFile } from 'node:fs/promises';

/** The libraries that run on Node, as the table calls them, and the names under which they are installed here. */
const LIBRARIES = {
  'redlock-core': 'redlock-core',
  'redlock 4': 'redlock-4',
  'redlock 5 beta': 'redlock-5',
  'redis-semaphore': 'redis-semaphore',
  'redlock-universal': 'redlock-universal',
} as const;

export type LibraryName = keyof typeof LIBRARIES;

/** In the order of the table. */
export const LIBRARY_NAMES = Object.keys(LIBRARIES) as LibraryName[];

/** Each library with its version as it is installed here, and the client that all of them use. */
export async function versions(): Promise<string[]> {
  const packages = Object.entries({ ...LIBRARIES, ioredis: 'ioredis' });
  return Promise.all(packages.map(async ([name, path]) => `${name} ${await versionOf(path)}`));
}

async function versionOf(path: string): Promise<string> {
  const manifest = new URL(`../../node_modules/${path}/package.json`, import.meta.url);
  const { version } = JSON.parse(await readFile(manifest, 'utf8')) as { version: string };
  return version.replace(/^v/, '');
}
