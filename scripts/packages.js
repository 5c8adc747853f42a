import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** @param {string} directory */
export async function readManifest(directory) {
  return JSON.parse(await readFile(join(directory, 'package.json'), 'utf8'));
}

/** All that is published. */
export async function readPackages() {
  const parent = join(ROOT, 'packages');
  const directories = (await readdir(parent)).toSorted().map((name) => join(parent, name));
  return Promise.all(
    directories.map(async (directory) => ({ directory, manifest: await readManifest(directory) })),
  );
}
